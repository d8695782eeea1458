import { readFileSync, writeFileSync } from "node:fs";

export type Memory = { nowBytes: number; peakBytes: number };

/** What a process holds and held at most; null where the system does not tell (it is Linux's). */
export function memoryOf(pid: number): Memory | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const read = (name: string): number =>
      1_024 * Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1]);
    const memory = { nowBytes: read("VmRSS"), peakBytes: read("VmHWM") };
    // A process that ended and was not collected yet has none.
    return Number.isNaN(memory.nowBytes) ? null : memory;
  } catch {
    return null;
  }
}

/** Lets the peak begin anew; false where the system does not do it. */
export function forgetPeak(pid: number): boolean {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, "5");
    return true;
  } catch {
    return false;
  }
}
