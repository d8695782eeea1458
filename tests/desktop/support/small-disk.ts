import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const mount = (...args: string[]) => execFileSync("mount", args, { stdio: "ignore" });
const unmount = (folder: string) => execFileSync("umount", ["--lazy", folder], { stdio: "ignore" });

/** Whether this machine lets the tests make disks of their own: Linux, as root. */
export const canMount = ((): boolean => {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  const probe = 'd=$(mktemp -d) && mount -t tmpfs -o size=64k tmpfs "$d" && umount "$d" && rmdir "$d"';
  try {
    execFileSync("sh", ["-c", probe], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

export type SmallDisk = { folder: string; makeReadOnly: () => void };

export async function withSmallDisk(bytes: number, use: (disk: SmallDisk) => Promise<void>): Promise<void> {
  const above = await mkdtemp(join(tmpdir(), "waybill-disk-"));
  const folder = join(above, "disk");
  await mkdir(folder);
  mount("-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", folder);
  try {
    await use({ folder, makeReadOnly: () => mount("-o", "remount,ro", folder) });
  } finally {
    unmount(folder);
    await rm(above, { recursive: true, force: true });
  }
}
