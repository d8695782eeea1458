import { statSync } from "node:fs";

/** Changes whenever the file is replaced; empty where it can't be seen. */
export function fileStamp(path: string): string {
  try {
    const { ino, mtimeNs, size } = statSync(path, { bigint: true });
    return `${ino}-${mtimeNs}-${size}`;
  } catch {
    return "";
  }
}
