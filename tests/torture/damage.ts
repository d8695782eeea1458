import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import {
  committedFrames,
  FRAME,
  lastCommitBefore,
  listPages,
  PAGE,
  PageImages,
  type PageUse,
  UuidFinder,
} from "./pages.ts";
import type { Round } from "./round.ts";
import type { Random } from "./seed.ts";

export const PAGE_TARGETS = ["table", "index", "header", "any"] as const;
export type PageTarget = (typeof PAGE_TARGETS)[number];

const MESSAGES = "message_logs";
const NEWLINE = 0x0a;

/** Overwrites pages of the database, and notes whose records stood on them; gives what it did. */
export function damagePages(round: Round, target: PageTarget, count: number): string {
  const file = databaseOf(round);
  const uses = listPages(file);
  const images = new PageImages(file);
  const numbers = choosePages(round.random, target, count, uses, images);
  // The file's own image counts: the log may hold the same, but is begun anew once it was moved here.
  for (const number of numbers)
    noteLoss(round, number, uses, images, { image: images.inMain(number), copies: [] });
  writeAt(
    file,
    numbers.map((number) => ({ offset: (number - 1) * PAGE, bytes: garbage(round.random) })),
  );
  const names = new Set(numbers.map((number) => nameOf(uses.find((use) => use.number === number))));
  return `${numbers.length} pages of ${[...names].join(", ")}`;
}

function choosePages(
  random: Random,
  target: PageTarget,
  count: number,
  uses: readonly PageUse[],
  images: PageImages,
): number[] {
  if (target === "header") return [1];
  if (target === "any")
    return Array.from(new Set(Array.from({ length: count }, () => random.int(1, images.count))));
  const wanted = uses.filter(({ table, isIndex }) => (target === "index" ? isIndex : table === MESSAGES));
  // What is only in the log yet can't be overwritten in the file.
  const there = wanted.filter(({ number }) => number <= images.count).map(({ number }) => number);
  return random.shuffle(there).slice(0, count);
}

function nameOf(use: PageUse | undefined): string {
  return use === undefined ? "no table" : use.table;
}

/** An image of a page that is lost, and what is left of that page elsewhere. */
type Loss = { image: Buffer; copies: readonly Buffer[] };

/** Whose rows are lost with a page: messages, or the history of messages. */
function noteLoss(
  round: Round,
  number: number,
  uses: readonly PageUse[],
  images: PageImages,
  { image, copies }: Loss,
): void {
  const use = uses.find((each) => each.number === number);
  if (use === undefined || use.isIndex || use.type === "internal") return;
  if (copies.some((copy) => copy.equals(image))) return;
  const { mayBeLost, mayLoseHistory } = round.claims;
  const lost = use.table === MESSAGES ? mayBeLost : mayLoseHistory;
  const finder = finderOf(round);
  if (use.type === "leaf") {
    const left = new Set(copies.flatMap((copy) => finder.keysOfCells(copy)));
    // A row of an older copy is there, but its status may have been another since.
    for (const key of finder.keysIn(image)) (left.has(key) ? mayLoseHistory : lost).add(key);
    return;
  }
  // An overflow page belongs to one cell of a leaf: `<path of the leaf><cell>+<page of the chain>`.
  const [, leafPath, cell] = /^(.*\/)([0-9a-f]+)\+[0-9a-f]+$/.exec(use.path) ?? [];
  const leaf = uses.find(
    ({ table, type, path }) => table === use.table && type === "leaf" && path === leafPath,
  );
  if (leaf === undefined || cell === undefined)
    throw new Error(`No leaf is known for overflow page ${use.path}`);
  const key = finder.keyOfCell(images.newest(leaf.number), Number.parseInt(cell, 16));
  if (key !== undefined) lost.add(key);
}

/** Scribbles over frames of the write-ahead log, or cuts its end off; gives what it did. */
export function damageLog(round: Round, how: "scribble" | "truncate", count: number): string {
  const file = databaseOf(round);
  const uses = listPages(file);
  const images = new PageImages(file);
  const frames = [...images.committed].sort(([, a], [, b]) => a - b);
  if (frames.length === 0) return "an empty log";
  const { random } = round;
  if (how === "truncate") {
    const [, from] = frames[random.int(0, frames.length - 1)] ?? [0, 0];
    // A commit that is cut in two is lost whole.
    noteLostEnd(round, uses, images, lastCommitBefore(images.log, from));
    truncateSync(`${file}-wal`, from);
    return `the log cut to ${from} of ${images.log.length} bytes`;
  }
  const hit = random.shuffle(frames).slice(0, count);
  for (const [page] of hit) noteLoss(round, page, uses, images, { image: images.newest(page), copies: [] });
  // A last commit that does not hold is as one that a power cut tore: nothing of it counts.
  const last = lastCommitBefore(images.log, images.logEnd - FRAME);
  if (hit.some(([, offset]) => offset > last)) noteLostEnd(round, uses, images, last);
  writeAt(
    `${file}-wal`,
    hit.map(([, offset]) => ({ offset, bytes: garbage(random) })),
  );
  return `${hit.length} of ${frames.length} frames of the log`;
}

/** What is lost where the log ends at the end of a commit: what neither the rest of it nor the main file has. */
function noteLostEnd(round: Round, uses: readonly PageUse[], images: PageImages, end: number): void {
  const { log } = images;
  const left = committedFrames(log.subarray(0, end));
  for (const [page, offset] of images.committed) {
    if (offset < end) continue;
    const logged = left.get(page);
    const copies = [
      images.inMain(page),
      ...(logged === undefined ? [] : [log.subarray(logged, logged + PAGE)]),
    ];
    noteLoss(round, page, uses, images, { image: images.newest(page), copies });
  }
}

/** Scribbles over the file beside the database in which Waybill notes how far it got, or takes it away. */
export function damageHead(round: Round, random: Random): string {
  const file = `${databaseOf(round)}-head`;
  if (random.chance(0.3)) rmSync(file, { force: true });
  else writeFileSync(file, random.chance(0.5) ? random.bytes(128) : Buffer.alloc(0));
  return "the head";
}

/** Scribbles over the spool's files; gives what it did. */
export function damageSpool(round: Round, count: number): string {
  const { random } = round;
  const directory = join(round.dataDir, "spool");
  const files = readdirSync(directory).filter((name) => name.endsWith(".ndjson"));
  const finder = finderOf(round);
  let lines = 0;
  for (const name of files) {
    const path = join(directory, name);
    const before = readFileSync(path);
    if (before.length === 0) continue;
    const strokes = Array.from({ length: count }, () => {
      const offset = random.int(0, before.length - 1);
      const length = Math.min(random.int(1, 3_000), before.length - offset);
      return { offset, bytes: random.bytes(length) };
    });
    writeAt(path, strokes);
    const after = readFileSync(path);
    for (let start = 0; start < before.length; ) {
      const newline = before.indexOf(NEWLINE, start);
      const end = newline === -1 ? before.length : newline + 1;
      if (before.compare(after, start, end, start, end) !== 0) {
        lines += 1;
        noteLine(round, before.subarray(start, end), finder);
      }
      start = end;
    }
  }
  return `${lines} lines of ${files.length} spool files`;
}

/** A line is a record, or a report about one: then its status is no longer certain. */
function noteLine({ claims }: Round, line: Buffer, finder: UuidFinder): void {
  const text = line.toString("utf8");
  for (const key of finder.keysIn(line)) {
    if (text.includes(`"${key}"`)) claims.mayBeLost.add(key);
    else claims.mayLoseHistory.add(key);
  }
}

function finderOf({ claims }: Round): UuidFinder {
  const byUuid = new Map<string, string>();
  const unanswered: string[] = [];
  for (const [key, { uuid }] of claims.all) {
    if (uuid === null) unanswered.push(key);
    else byUuid.set(uuid, key);
  }
  return new UuidFinder(byUuid, unanswered);
}

function databaseOf(round: Round): string {
  return join(round.dataDir, "ledger.db");
}

function garbage(random: Random): Buffer {
  return random.chance(0.25) ? Buffer.alloc(PAGE) : random.bytes(PAGE);
}

function writeAt(path: string, strokes: readonly { offset: number; bytes: Buffer }[]): void {
  const descriptor = openSync(path, "r+");
  for (const { offset, bytes } of strokes) writeSync(descriptor, bytes, 0, bytes.length, offset);
  closeSync(descriptor);
}
