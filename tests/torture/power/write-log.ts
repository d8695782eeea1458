import { readFileSync } from "node:fs";
import { HarnessError } from "../round.ts";

/** As in `record-writes.c`. */
const ENTRY = 32;
const KINDS = ["", "open", "write", "truncate", "sync", "rename", "unlink", "mkdir", "link"] as const;

/** One call of the host on a file below its data folder, in the order made. */
export type Call =
  | { kind: "open"; path: string; inode: bigint; isDirectory: boolean; isEmptied: boolean }
  | { kind: "write"; inode: bigint; offset: number; data: Buffer }
  | { kind: "truncate"; inode: bigint; size: number }
  | { kind: "sync"; inode: bigint }
  | { kind: "rename" | "link"; from: string; to: string }
  | { kind: "unlink"; path: string }
  | { kind: "mkdir"; path: string };

/** Reads the record of a host that was killed: the last entry may be torn. */
export function* readCalls(file: string): Generator<Call> {
  const log = readFileSync(file);
  for (let start = 0; start + ENTRY <= log.length; ) {
    const pathEnd = start + ENTRY + log.readUInt32LE(start + 24);
    const end = pathEnd + log.readUInt32LE(start + 28);
    if (end > log.length) return;
    yield toCall(
      log.subarray(start, start + ENTRY),
      log.toString("utf8", start + ENTRY, pathEnd),
      log.subarray(pathEnd, end),
    );
    start = end;
  }
}

function toCall(entry: Buffer, path: string, data: Buffer): Call {
  const flags = entry.readUInt32LE(4);
  const inode = entry.readBigUInt64LE(8);
  const offset = Number(entry.readBigUInt64LE(16));
  const kind = KINDS[entry.readUInt32LE(0)];
  switch (kind) {
    case "open":
      return { kind, path, inode, isDirectory: (flags & 2) !== 0, isEmptied: (flags & 1) !== 0 };
    case "write":
      return { kind, inode, offset, data };
    case "truncate":
      return { kind, inode, size: offset };
    case "sync":
      return { kind, inode };
    case "rename":
    case "link":
      return { kind, from: path, to: data.toString("utf8") };
    case "unlink":
    case "mkdir":
      return { kind, path };
    default:
      throw new HarnessError(`The record of the writes is broken: kind ${entry.readUInt32LE(0)}`);
  }
}
