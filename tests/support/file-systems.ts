import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { temporaryDirectory } from "./ledger.ts";

function mount(...args: string[]): void {
  execFileSync("mount", args, { stdio: "ignore" });
}

/** Whether this machine lets the tests mount file systems of their own. */
export const canMount = ((): boolean => {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  try {
    // Under a name of its own nothing is hidden, and it is gone with the mount.
    execFileSync(
      "sh",
      ["-c", 'd=$(mktemp -d) && mount -t tmpfs -o size=64k tmpfs "$d" && umount "$d" && rmdir "$d"'],
      { stdio: "ignore" },
    );
    return true;
  } catch {
    return false;
  }
})();

/** A small disk. */
export function smallDisk(bytes: number): string {
  const directory = join(temporaryDirectory(), "disk");
  mkdirSync(directory);
  mount("-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", directory);
  onTestFinished(() => {
    execFileSync("umount", ["--lazy", directory]);
  });
  return directory;
}

export function makeReadOnly(disk: string): void {
  mount("-o", "remount,ro", disk);
}

export function makeWritable(disk: string): void {
  mount("-o", "remount,rw", disk);
}

export function resizeDisk(disk: string, bytes: number): void {
  mount("-o", `remount,size=${bytes}`, disk);
}
