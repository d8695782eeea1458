import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { MIB, mountDisk } from "../disk.ts";
import { expectKept } from "../expectations.ts";
import { type Host, startHost } from "../host.ts";
import { expectLive, expectWell, watchSpool } from "../recovery.ts";
import { Broken, type Round, Skipped } from "../round.ts";
import { FAIR, SHAPE, startWriters, stopAll, type Weather } from "../writers.ts";

const COMPANIONS = ["", "-wal", "-shm", "-head"] as const;
const TAKEN = ["database", "wal", "all files", "directory", "immutable", "read-only"] as const;
type Taken = (typeof TAKEN)[number];

/** What the ledger lives on is taken away and put back: callers do not wait, nothing is refused or lost. */
export async function gone(round: Round): Promise<void> {
  const { random } = round;
  const taken = random.pick(TAKEN);
  const goneMs = random.int(300, 1_800);
  const kinds = random.chance(0.5) ? (["single", "ndjson", "cli"] as const) : (["single", "ndjson"] as const);
  const disk = taken === "read-only" ? mountDisk(round, 64 * MIB) : null;
  const weather: Weather = { ...FAIR, mayPutOff: true };
  const options = { weather, shape: SHAPE, pauseMs: 15 };

  let host = await startHost(round);
  const before = startWriters(round, host, kinds, options);
  await Promise.all(before.map(({ begun }) => begun));
  const writers = [...before];
  let putBack: () => void;
  if (disk === null) putBack = takeAway(round, taken);
  else {
    // A file that is open for writing keeps its disk writable: it is made read-only before a start.
    await stopAll(writers);
    await host.stop();
    disk.setReadOnly(true);
    putBack = () => disk.setReadOnly(false);
    host = await startHost(round);
    writers.push(...startWriters(round, host, kinds, options, 1));
  }
  let isBack = false;
  const putBackOnce = (): void => {
    if (isBack) return;
    isBack = true;
    putBack();
  };
  round.onEnd(putBackOnce);
  round.faults += 1;
  round.note(`${taken} for ${goneMs} ms`);
  await meanwhile(round, host, goneMs);
  putBackOnce();
  const since = performance.now();
  await expectLive(round, host, since);
  await stopAll(writers);
  await expectWell(round, host, since);
  await expectKept(round, host, { isSmallDisk: disk !== null, inOrder: true });
}

async function meanwhile(round: Round, host: Host, ms: number): Promise<void> {
  const over = pause(ms);
  await Promise.all([over, watchSpool(round, host, over)]);
}

/** Gives what puts it back. */
function takeAway(round: Round, taken: Taken): () => void {
  const file = join(round.dataDir, "ledger.db");
  const head = round.random.fork("head").chance(0.5) ? [`${file}-head`] : [];
  switch (taken) {
    case "database":
      return rename([file, ...head]);
    case "wal":
      return rename([`${file}-wal`, ...head]);
    case "all files":
      return rename(COMPANIONS.map((companion) => file + companion));
    case "directory":
      return rename([round.dataDir]);
    default:
      // Not the -shm: it is mapped into memory, where no program can survive that it may not be written.
      return makeImmutable([round.dataDir, file, `${file}-wal`, `${file}-head`]);
  }
}

function rename(paths: readonly string[]): () => void {
  const there = paths.filter((path) => existsSync(path));
  for (const path of there) renameSync(path, `${path}.away`);
  return () => {
    for (const path of there) {
      if (existsSync(path) && statSync(path).isDirectory()) assertEmpty(path);
      renameSync(`${path}.away`, path);
    }
  };
}

/** An operator who moves the folder back finds another in its place. */
function assertEmpty(directory: string): void {
  const found = readdirSync(directory, { recursive: true, encoding: "utf8" });
  if (found.length > 0)
    throw new Broken(`the folder can't be put back: one was made in its place, with ${found.join(", ")}`);
}

/** Nobody may write to them, not even root, whom modes do not hold. Throws `Skipped` where there is no such thing. */
function makeImmutable(paths: readonly string[]): () => void {
  const there = paths.filter((path) => existsSync(path));
  const change = (flag: string): void => {
    execFileSync("chattr", [flag, ...there], { stdio: ["ignore", "ignore", "pipe"] });
  };
  try {
    change("+i");
  } catch (error) {
    throw new Skipped(`chattr +i can't be had here: ${String(error).split("\n")[0]}`);
  }
  return () => change("-i");
}
