import { statfsSync } from "node:fs";

const MIB = 1024 * 1024;
/** New records leave so much of the disk free, so that deleting, checkpoints and closing go on. */
const RESERVED_BYTES = 64 * MIB;
/** On a small disk it is this share, and on a tiny one what deleting needs at the least. */
const RESERVED_SHARE = 1 / 8;
const LEAST_RESERVED_BYTES = 2.5 * MIB;
const LARGEST_SHARE = 1 / 2;

export type DiskRoom = { free_bytes: number; total_bytes: number; reserved_bytes: number };

export function reservedOf(totalBytes: number): number {
  const least = Math.min(LEAST_RESERVED_BYTES, totalBytes * LARGEST_SHARE);
  return Math.floor(Math.max(least, Math.min(RESERVED_BYTES, totalBytes * RESERVED_SHARE)));
}

/** The disk of a folder; null where the file system does not tell, as when the folder is gone. */
export function roomOf(directory: string): DiskRoom | null {
  try {
    const { bavail, blocks, bsize } = statfsSync(directory);
    const total = blocks * bsize;
    return { free_bytes: bavail * bsize, total_bytes: total, reserved_bytes: reservedOf(total) };
  } catch {
    return null;
  }
}

/** Throws `ENOSPC` where, after so many bytes more, less than the reserve would be left. */
export function assertRoomFor(directory: string, bytes: number): void {
  const room = roomOf(directory);
  if (room === null || room.free_bytes - bytes >= room.reserved_bytes) return;
  const message = `${room.free_bytes} bytes are free, ${bytes} are needed and ${room.reserved_bytes} are kept`;
  throw Object.assign(new Error(message), { code: "ENOSPC" });
}
