import type { Progress } from "./thread-port.ts";
import type { UpkeepNotes } from "./upkeep-notes.ts";
import type { WriterLink } from "./writer-link.ts";

/** Gives free space back to the disk; how much. Rejects with `unavailable` or `cancelled`. */
export async function vacuum(
  writer: WriterLink,
  notes: UpkeepNotes,
  progress: Progress,
): Promise<{ freed_bytes: number }> {
  const freed = await writer.call("vacuum", null, progress);
  await notes.keep({ last_vacuum_ts: String(Date.now()) });
  await notes.log("info", "Free space was given back to the disk.", { freed_bytes: freed });
  return { freed_bytes: freed };
}
