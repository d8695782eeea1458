import type { MessageRecord } from "../../../src-shared/record.ts";

/** Rows kept above the snapshot; past it the snapshot has to be taken anew. */
export const MAX_LIVE_ROWS = 500;

/** What came after the table's snapshot was taken. */
export type LiveBuffer = {
  /** Shown above the snapshot, newest first. */
  rows: readonly MessageRecord[];
  /** Waiting, newest first: the table is scrolled away, so showing them would move what is read. */
  held: readonly MessageRecord[];
  /** Messages that found no room any more. */
  dropped: number;
  /** The newest state of snapshot rows that changed. */
  changed: ReadonlyMap<string, MessageRecord>;
};

export const EMPTY_LIVE_BUFFER: LiveBuffer = { rows: [], held: [], dropped: 0, changed: new Map() };

export type Arrivals = {
  messages: readonly MessageRecord[];
  /** Whether the table stands at its top, where new rows can appear without moving it. */
  atTop: boolean;
  /** Whether the message stands in the snapshot, as far as its rows were fetched. */
  inSnapshot: (message: MessageRecord) => boolean;
};

/** How many messages wait behind "N new messages". */
export function waiting(buffer: LiveBuffer): number {
  return buffer.held.length + buffer.dropped;
}

/** The buffer after changes of messages, oldest first: each message stands in it once, in its newest revision. */
export function receive(buffer: LiveBuffer, { messages, atTop, inSnapshot }: Arrivals): LiveBuffer {
  const rows = new Map(buffer.rows.map((row) => [row.message_uuid, row]));
  const held = new Map(buffer.held.map((row) => [row.message_uuid, row]));
  const fresh = new Map<string, MessageRecord>();
  const changed = new Map(buffer.changed);
  for (const message of messages) {
    const place = [rows, held, fresh].find((map) => map.has(message.message_uuid));
    if (place !== undefined) {
      if ((place.get(message.message_uuid)?.revision ?? 0) <= message.revision) {
        place.set(message.message_uuid, message);
      }
    } else if (inSnapshot(message)) {
      if ((changed.get(message.message_uuid)?.revision ?? 0) <= message.revision) {
        changed.set(message.message_uuid, message);
      }
    } else {
      fresh.set(message.message_uuid, message);
    }
  }
  const newest = [...fresh.values()].reverse();
  const next = { ...buffer, rows: [...rows.values()], changed: bounded(changed) };
  // Once something waits, what is newer waits behind it, so that the order holds.
  if (atTop && held.size === 0 && buffer.dropped === 0)
    return limit({ ...next, rows: [...newest, ...next.rows] });
  return limit({ ...next, held: [...newest, ...held.values()] });
}

/** What waited comes above the rows; for a table that is back at its top. */
export function release(buffer: LiveBuffer): LiveBuffer {
  if (buffer.held.length === 0) return buffer;
  return limit({ ...buffer, rows: [...buffer.held, ...buffer.rows], held: [] });
}

/** True where messages are missing between the live rows and the snapshot: it has to be taken anew. */
export function hasGap(buffer: LiveBuffer): boolean {
  return buffer.dropped > 0;
}

function limit(buffer: LiveBuffer): LiveBuffer {
  const over = buffer.rows.length + buffer.held.length - MAX_LIVE_ROWS;
  if (over <= 0) return buffer;
  // Shown rows stay where they are while others wait; at the top the oldest make room.
  if (buffer.held.length > 0) {
    const kept = Math.max(0, buffer.held.length - over);
    return {
      ...buffer,
      held: buffer.held.slice(0, kept),
      dropped: buffer.dropped + buffer.held.length - kept,
    };
  }
  return { ...buffer, rows: buffer.rows.slice(0, MAX_LIVE_ROWS), dropped: buffer.dropped + over };
}

/** Keeps the latest changes: older ones only show a row as it was fetched. */
function bounded(changed: ReadonlyMap<string, MessageRecord>): ReadonlyMap<string, MessageRecord> {
  return changed.size <= MAX_LIVE_ROWS ? changed : new Map([...changed].slice(-MAX_LIVE_ROWS));
}
