import type { Entry, EntryResult } from "../entries.ts";
import { classifyTrouble, StoreMovedError, troubleSentence } from "../sqlite-errors.ts";
import type { SpoolQueue } from "./spool-queue.ts";
import type { Store } from "./store.ts";

/** What the spool may take: all but reports about a message or session that is not there. */
export function sortForSpool(
  entries: readonly Entry[],
  spool: SpoolQueue,
  store: Store | null,
): EntryResult[] {
  const begun = new Set<string | null>();
  let unreadable: string | null = null;
  return entries.map((entry): EntryResult => {
    if (entry.op === "message") begun.add(entry.message.message_uuid).add(entry.message.session_id);
    if (entry.op === "session") begun.add(entry.session.session_id);
    if (entry.op !== "status" && entry.op !== "session_end") return { outcome: "spooled" };
    const id = entry.op === "status" ? entry.message_uuid : entry.session_id;
    const held = begun.has(id) || spool.holds(id);
    if (held === true) return { outcome: "spooled" };
    try {
      // Once is enough: a locked database keeps each that asks waiting.
      if (unreadable === null && isStored(store, entry.op, id)) return { outcome: "spooled" };
    } catch (error) {
      unreadable = troubleSentence(classifyTrouble(error));
    }
    if (unreadable === null && held === false) return { outcome: "unknown" };
    const reason = `It can't be looked up now. ${unreadable ?? "Send it again in a moment."}`;
    return { outcome: "undecided", reason };
  });
}

/** Throws SQLite's error, or `StoreMovedError` where there is no store to ask. */
function isStored(store: Store | null, op: "status" | "session_end", id: string): boolean {
  if (store === null) throw new StoreMovedError("The database is not open");
  return op === "status" ? store.applier.hasMessage(id) : store.applier.hasSession(id);
}
