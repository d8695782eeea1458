import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Round, Skipped } from "./round.ts";

export const KIB = 1_024;
export const MIB = KIB * KIB;

/** A small disk of the round's own. */
export type Disk = {
  path: string;
  freeBytes: () => number;
  /** Fills it up to so many bytes with a file that is not Waybill's. */
  fill: (leave: number) => void;
  /** Takes that file away. */
  clear: () => void;
  resize: (bytes: number) => void;
  setReadOnly: (isReadOnly: boolean) => void;
};

function mount(...args: string[]): void {
  execFileSync("mount", args, { stdio: ["ignore", "ignore", "pipe"] });
}

/** Mounts it and makes it the round's data folder. Throws `Skipped` where this machine does not let us. */
export function mountDisk(round: Round, bytes: number): Disk {
  const path = join(round.folder, "disk");
  mkdirSync(path);
  try {
    mount("-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", path);
  } catch (error) {
    throw new Skipped(`no tmpfs can be mounted here: ${String(error).split("\n").at(-1)}`);
  }
  round.onEnd(() => execFileSync("umount", ["--lazy", path]));
  round.dataDir = join(path, "data");
  mkdirSync(round.dataDir, { mode: 0o700 });
  const ballast = join(path, "ballast");
  const freeBytes = (): number => {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize;
  };
  return {
    path,
    freeBytes,
    fill: (leave) => fill(ballast, freeBytes() - leave),
    clear: () => rmSync(ballast, { force: true }),
    resize: (size) => mount("-o", `remount,size=${size}`, path),
    setReadOnly: (isReadOnly) => mount("-o", `remount,${isReadOnly ? "ro" : "rw"}`, path),
  };
}

function fill(ballast: string, bytes: number): void {
  if (bytes <= 0) return;
  try {
    writeFileSync(ballast, Buffer.alloc(bytes, 1), { flag: "a" });
  } catch (error) {
    // Writers were faster: it is as full as it gets.
    if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
  }
}
