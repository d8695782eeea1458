import { linkSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { HarnessError } from "../round.ts";
import type { Random } from "../seed.ts";
import { FileImage, type Mercy } from "./file-image.ts";
import { type Call, readCalls } from "./write-log.ts";

type Directory = { kind: "directory" };
type Node = FileImage | Directory;
/** A change of the names, durable once its folder was synced. */
type Renaming = { path: string; node: Node | null; from?: string };

/**
 * A data folder as a disk with a power cut would have it: each file as of its last sync, each name as of the
 * last sync of its folder, and of what came after as much as `Mercy` leaves. The folder itself is there.
 */
export class PowerCut {
  readonly #root: string;
  /** As the host saw them. */
  readonly #names = new Map<string, Node>();
  /** As they were at the last sync of their folder. */
  readonly #durable = new Map<string, Node>();
  /** Which file of the disk each one is. */
  readonly #inodes = new Map<FileImage, bigint>();
  readonly #open = new Map<bigint, { node: Node; path: string }>();
  #pending: Renaming[] = [];

  constructor(root: string) {
    this.#root = root;
    for (const path of listFolder(root)) {
      const found = statSync(path, { bigint: true });
      const node = found.isDirectory()
        ? { kind: "directory" as const }
        : this.#newFile(found.ino, readFileSync(path));
      this.#names.set(path, node);
      this.#durable.set(path, node);
    }
  }

  /** Takes over what a host did. */
  replay(log: string): void {
    for (const call of readCalls(log)) this.#take(call);
  }

  /** Throws `HarnessError` where what was recorded is not what the host left in the folder. */
  assertComplete(): void {
    const wrong: string[] = [];
    const found = new Set(listFolder(this.#root));
    for (const path of found) {
      const node = this.#names.get(path);
      const isDirectory = statSync(path).isDirectory();
      if (node === undefined) wrong.push(`${path} was never recorded`);
      else if (isDirectory !== !(node instanceof FileImage)) wrong.push(`${path} is of another kind`);
      else if (node instanceof FileImage) wrong.push(...compare(path, node.whole(), readFileSync(path)));
    }
    for (const path of this.#names.keys())
      if (!found.has(path)) wrong.push(`${path} was recorded and is not there`);
    if (wrong.length > 0)
      throw new HarnessError(`the record of the writes is not what is in the folder: ${wrong.join("; ")}`);
  }

  /** Calls that no sync followed. */
  get unsynced(): number {
    const files = [...this.#names.values()].filter((node) => node instanceof FileImage);
    return files.reduce((sum, file) => sum + file.unsynced, this.#pending.length);
  }

  /** Moves what the cut leaves to another folder of the same disk. */
  restoreTo(target: string, mercy: Mercy, random: Random): void {
    const places = new Map(
      listFolder(this.#root).map((path) => [statSync(path, { bigint: true }).ino, path]),
    );
    const kept =
      mercy === "none" ? 0 : mercy === "all" ? this.#pending.length : random.int(0, this.#pending.length);
    // A journal keeps the order of what happens to names.
    for (const renaming of this.#pending.slice(0, kept)) apply(this.#durable, renaming);
    const paths = [...this.#durable.keys()].sort();
    for (const path of paths) {
      const node = this.#durable.get(path);
      const place = join(target, relative(this.#root, path));
      if (node === undefined || !this.#isReachable(path)) continue;
      if (node instanceof FileImage) {
        this.#moveFile(node, place, places);
        writeFileSync(place, node.afterCut(mercy, random.fork(path)), { mode: 0o600 });
      } else mkdirSync(place, { recursive: true, mode: 0o700 });
    }
  }

  /** Waybill tells its files apart by their inodes, which a power cut does not change. */
  #moveFile(file: FileImage, place: string, places: Map<bigint, string>): void {
    const inode = this.#inodes.get(file);
    const there = inode === undefined ? undefined : places.get(inode);
    if (inode === undefined || there === undefined) return;
    // It has two names where it was moved already.
    if (there.startsWith(`${this.#root}/`)) renameSync(there, place);
    else linkSync(there, place);
    places.set(inode, place);
  }

  /** A file in a folder that is not there is not there. */
  #isReachable(path: string): boolean {
    const parent = dirname(path);
    return parent === this.#root || (this.#durable.has(parent) && this.#isReachable(parent));
  }

  #take(call: Call): void {
    switch (call.kind) {
      case "open":
        this.#takeOpen(call);
        break;
      case "write":
        this.#file(call.inode).change({ offset: call.offset, data: call.data });
        break;
      case "truncate":
        this.#file(call.inode).change({ size: call.size });
        break;
      case "sync":
        this.#sync(call.inode);
        break;
      case "rename":
        this.#change({ path: call.to, node: this.#names.get(call.from) ?? null, from: call.from });
        break;
      case "link":
        this.#change({ path: call.to, node: this.#names.get(call.from) ?? null });
        break;
      case "unlink":
        this.#change({ path: call.path, node: null });
        break;
      case "mkdir":
        this.#change({ path: call.path, node: { kind: "directory" } });
    }
  }

  #takeOpen({ path, inode, isDirectory, isEmptied }: Extract<Call, { kind: "open" }>): void {
    let node = path === this.#root ? { kind: "directory" as const } : this.#names.get(path);
    if (node === undefined) {
      node = isDirectory ? { kind: "directory" as const } : this.#newFile(inode);
      this.#change({ path, node });
    }
    if (isEmptied && node instanceof FileImage) node.change({ size: 0 });
    this.#open.set(inode, { node, path });
  }

  #newFile(inode: bigint, content?: Buffer<ArrayBuffer>): FileImage {
    const file = new FileImage(content);
    this.#inodes.set(file, inode);
    return file;
  }

  #file(inode: bigint): FileImage {
    const open = this.#open.get(inode);
    if (open?.node instanceof FileImage) return open.node;
    throw new HarnessError(`The record tells of a write to a file that was never opened (${inode})`);
  }

  #sync(inode: bigint): void {
    const open = this.#open.get(inode);
    if (open === undefined) return;
    if (open.node instanceof FileImage) {
      open.node.sync();
      return;
    }
    const isHere = ({ path }: Renaming): boolean => dirname(path) === open.path;
    for (const renaming of this.#pending.filter(isHere)) apply(this.#durable, renaming);
    this.#pending = this.#pending.filter((renaming) => !isHere(renaming));
  }

  #change(renaming: Renaming): void {
    apply(this.#names, renaming);
    this.#pending.push(renaming);
  }
}

function apply(names: Map<string, Node>, { path, node, from }: Renaming): void {
  if (from !== undefined) names.delete(from);
  if (node === null) names.delete(path);
  else names.set(path, node);
}

/** All that is in a folder but shared memory, which no disk keeps. */
function listFolder(root: string): string[] {
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((name) => !name.endsWith("-shm"))
    .map((name) => join(root, name));
}

function compare(path: string, recorded: Buffer, found: Buffer): string[] {
  if (recorded.equals(found)) return [];
  const at = recorded.findIndex((byte, index) => byte !== found[index]);
  const place = at === -1 ? Math.min(recorded.length, found.length) : at;
  return [
    `${path} has ${found.length} bytes, ${recorded.length} were recorded, and differs from byte ${place}`,
  ];
}
