import type { Output, ParsedInput } from "../../../src-shared/contract/index.ts";
import type { Delivery, Parked } from "../../../src-shared/contract/sync.ts";
import type { SinkName } from "../../../src-shared/contract/sync-counts.ts";
import { SINKS } from "../../../src-shared/contract/sync-counts.ts";
import { WaybillError } from "../../../src-shared/errors.ts";
import { formatTime } from "../../../src-shared/time.ts";
import type { ReadableDatabase } from "../open.ts";
import { type ParkedKey, STREAMS, type Stream } from "../sync-save.ts";
import { decodeCursor, encodeCursor, type Position } from "./cursor.ts";
import { Outbox } from "./outbox.ts";

/** Where one stream of a sink stands, all from one moment. */
export type StreamFacts = {
  accepted: number;
  position: number;
  delivered: number;
  removed: number;
  parked: number;
  /** When the first change behind the position was accepted; null where none waits. */
  oldestPendingTs: number | null;
  /** What is parked of positions that were not reached, or counted by nobody; only looked for where the sums do not agree. */
  mismatches: string[];
};

export type SinkFacts = {
  sink: SinkName;
  enabled: boolean;
  paused: boolean;
  target: string | null;
  live: string | null;
  streams: Partial<Record<Stream, StreamFacts>>;
  resending: number;
};

export type SyncFacts = { sinks: SinkFacts[]; leaseUntil: number | null };

/** Sorts after every place: a page without a cursor starts before all of them. */
const BEFORE_ALL: Position = { ts: Number.MAX_SAFE_INTEGER, tie: "\u{10ffff}" };

const LOGS: Readonly<Record<Stream, { table: string; key: string }>> = {
  message: { table: "message_events", key: "event_id" },
  session: { table: "session_changes", key: "change_id" },
};

/** The position that was last given in a stream, also where its row is gone. */
export function lastPosition(database: ReadableDatabase, stream: Stream): number {
  const { table } = LOGS[stream];
  return Number(database.prepare("SELECT seq FROM sqlite_sequence WHERE name = ?").pluck().get(table) ?? 0);
}

type StreamRow = { sink: SinkName; stream: Stream; position: number; delivered: number; removed: number };
type SinkRow = { sink: SinkName; enabled: 0 | 1; paused: 0 | 1; target: string | null; live: string | null };

/** What health and the Sync page show, whichever process asks. */
export function syncFacts(database: ReadableDatabase): SyncFacts {
  return database.transaction(() => {
    const sinks = database.prepare("SELECT * FROM sync_sinks").all() as SinkRow[];
    const streams = database.prepare("SELECT * FROM sync_streams").all() as StreamRow[];
    const leaseUntil = database.prepare("SELECT until_ts FROM sync_lease").pluck().get() as
      | number
      | undefined;
    return {
      sinks: SINKS.map((sink) => sinkFacts(database, sink, sinks, streams)),
      leaseUntil: leaseUntil ?? null,
    };
  })();
}

function sinkFacts(
  database: ReadableDatabase,
  sink: SinkName,
  sinks: readonly SinkRow[],
  streams: readonly StreamRow[],
): SinkFacts {
  const row = sinks.find((each) => each.sink === sink);
  const resending = database
    .prepare("SELECT coalesce(sum(last - next + 1), 0) FROM sync_resends WHERE sink = ?")
    .pluck()
    .get(sink);
  const enabled = row?.enabled === 1;
  // All of it waits for a sink that was not reached yet.
  const places = STREAMS.flatMap((stream) => {
    const place = streams.find((each) => each.sink === sink && each.stream === stream);
    if (place !== undefined) return [place];
    return enabled && takes(sink, stream) ? [{ sink, stream, position: 0, delivered: 0, removed: 0 }] : [];
  });
  return {
    sink,
    enabled,
    paused: row?.paused === 1,
    target: row?.target ?? null,
    live: row?.live ?? null,
    resending: Number(resending),
    streams: Object.fromEntries(places.map((each) => [each.stream, streamFacts(database, each)])),
  };
}

/** Sessions go to Supabase alone. */
function takes(sink: SinkName, stream: Stream): boolean {
  return stream === "message" || sink === "supabase";
}

function streamFacts(database: ReadableDatabase, row: StreamRow): StreamFacts {
  const { table, key } = LOGS[row.stream];
  const parked = database
    .prepare("SELECT count(*) FROM sync_parked WHERE sink = ? AND stream = ?")
    .pluck()
    .get(row.sink, row.stream);
  const oldest = database
    .prepare(`SELECT recorded_ts FROM ${table} WHERE ${key} > ? ORDER BY ${key} LIMIT 1`)
    .pluck()
    .get(row.position) as number | undefined;
  const balanced = row.delivered + row.removed + Number(parked) === row.position;
  return {
    accepted: lastPosition(database, row.stream),
    position: row.position,
    delivered: row.delivered,
    removed: row.removed,
    parked: Number(parked),
    oldestPendingTs: oldest ?? null,
    mismatches: balanced ? [] : parkedOf(database, row),
  };
}

/** Those whose parking is the likely cause of sums that do not agree: parked ahead of the position first. */
function parkedOf(database: ReadableDatabase, { sink, stream, position }: StreamRow): string[] {
  return database
    .prepare(
      `SELECT id FROM sync_parked WHERE sink = ? AND stream = ? ORDER BY position > ? DESC, position DESC LIMIT 20`,
    )
    .pluck()
    .all(sink, stream, position) as string[];
}

type OutageRow = {
  sink: SinkName;
  since_ts: number;
  until_ts: number | null;
  message: string;
  tries: number;
};

export function listOutages(
  database: ReadableDatabase,
  { limit }: ParsedInput<"sync.outages">,
): Output<"sync.outages"> {
  const rows = database
    .prepare("SELECT * FROM sync_outages ORDER BY since_ts DESC LIMIT ?")
    .all(limit) as OutageRow[];
  return {
    outages: rows.map(({ sink, since_ts, until_ts, message, tries }) => ({
      sink,
      since_ts: formatTime(since_ts),
      until_ts: until_ts === null ? null : formatTime(until_ts),
      message,
      tries,
    })),
  };
}

export type ParkedRow = {
  sink: SinkName;
  stream: Stream;
  position: number;
  id: string;
  revision: number;
  reason: string;
  parked_ts: number;
  attempts: number;
  retrying: 0 | 1;
  body: string | null;
};

const PLACE = "sink || '/' || stream || '/' || printf('%016d', position)";

/** Throws `invalid` for a cursor that is none of ours. */
export function listParked(
  database: ReadableDatabase,
  { sink, limit, cursor }: ParsedInput<"sync.parked">,
): Output<"sync.parked"> {
  const before = cursor ? decodeCursor(cursor) : BEFORE_ALL;
  const rows = database
    .prepare(
      `SELECT *, ${PLACE} AS place FROM sync_parked
       WHERE (@sink IS NULL OR sink = @sink) AND parked_ts <= @ts AND (parked_ts < @ts OR ${PLACE} < @tie)
       ORDER BY parked_ts DESC, place DESC LIMIT @limit`,
    )
    .all({ sink: sink ?? null, ts: before.ts, tie: String(before.tie), limit: limit + 1 }) as (ParkedRow & {
    place: string;
  })[];
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const isMore = rows.length > limit && last !== undefined;
  return {
    parked: page.map((row) => describeParked(database, row)),
    next_cursor: isMore ? encodeCursor({ ts: last.parked_ts, tie: last.place }) : null,
  };
}

/** One that is parked. Throws `not_found`. */
export function parkedAt(database: ReadableDatabase, { sink, stream, position }: ParkedKey): Parked {
  const row = database
    .prepare("SELECT * FROM sync_parked WHERE sink = ? AND stream = ? AND position = ?")
    .get(sink, stream, position) as ParkedRow | undefined;
  if (row === undefined)
    throw new WaybillError("not_found", "It is not parked any more. Look at the list again.");
  return describeParked(database, row);
}

function describeParked(database: ReadableDatabase, row: ParkedRow): Parked {
  const found = row.body === null ? new Outbox(database).find(row.stream, row.position, false) : null;
  const body = row.body === null ? (found?.record ?? {}) : JSON.parse(row.body);
  return {
    sink: row.sink,
    what: row.stream,
    position: row.position,
    id: row.id,
    revision: row.revision,
    reason: row.reason,
    parked_ts: formatTime(row.parked_ts),
    attempts: row.attempts,
    retrying: row.retrying === 1,
    body: body as Record<string, unknown>,
    edited: row.body !== null,
  };
}

/** The parked changes that are to be tried again, in order. */
export function retryingParked(database: ReadableDatabase, sink: SinkName, limit: number): ParkedRow[] {
  return database
    .prepare(
      "SELECT * FROM sync_parked WHERE sink = ? AND retrying = 1 ORDER BY stream DESC, position LIMIT ?",
    )
    .all(sink, limit) as ParkedRow[];
}

/** How many changes are parked of a sink, by id: what comes after them waits. */
export function parkedCounts(
  database: ReadableDatabase,
  sink: SinkName,
  stream: Stream,
): Map<string, number> {
  const rows = database
    .prepare("SELECT id, count(*) FROM sync_parked WHERE sink = ? AND stream = ? GROUP BY id")
    .raw()
    .all(sink, stream) as [string, number][];
  return new Map(rows);
}

/** When each sink that is on got each change of a message. Throws `not_found`. */
export function messageDeliveries(
  database: ReadableDatabase,
  { message_uuid }: ParsedInput<"sync.deliveries">,
): Output<"sync.deliveries"> {
  const seq = database
    .prepare("SELECT seq FROM message_logs WHERE message_uuid = ?")
    .pluck()
    .get(message_uuid);
  if (seq === undefined) throw new WaybillError("not_found", `There is no message ${message_uuid}.`);
  const positions = database
    .prepare("SELECT event_id FROM message_events WHERE message_seq = ? ORDER BY event_id")
    .pluck()
    .all(seq) as number[];
  const outbox = new Outbox(database);
  const changes = positions.flatMap((position) => {
    const change = outbox.find("message", position, false);
    return change === null ? [] : [{ position, revision: change.record.revision }];
  });
  const { sinks } = syncFacts(database);
  return {
    deliveries: sinks
      .filter(({ enabled }) => enabled)
      .flatMap(({ sink, streams }) =>
        changes.map(({ position, revision }) => ({
          sink,
          revision,
          ...deliveryOf(database, sink, position, streams.message?.position ?? 0),
        })),
      ),
  };
}

function deliveryOf(
  database: ReadableDatabase,
  sink: SinkName,
  position: number,
  reached: number,
): Pick<Delivery, "state" | "ts" | "reason"> {
  if (position > reached) return { state: "pending", ts: null, reason: null };
  const parked = database
    .prepare("SELECT reason FROM sync_parked WHERE sink = ? AND stream = 'message' AND position = ?")
    .pluck()
    .get(sink, position) as string | undefined;
  if (parked !== undefined) return { state: "parked", ts: null, reason: parked };
  const ts = database
    .prepare(
      `SELECT coalesce(
         (SELECT ts FROM sync_deliveries WHERE sink = @sink AND stream = 'message' AND late = 1 AND position = @position),
         (SELECT ts FROM sync_deliveries WHERE sink = @sink AND stream = 'message' AND late = 0 AND position >= @position
            ORDER BY position LIMIT 1))`,
    )
    .pluck()
    .get({ sink, position }) as number | null;
  return { state: "delivered", ts: ts === null ? null : formatTime(ts), reason: null };
}

/** The positions of what was accepted in a time; null where there is none. */
export function positionsBetween(
  database: ReadableDatabase,
  stream: Stream,
  from: number,
  to: number,
): readonly [first: number, last: number] | null {
  const first = firstSince(database, stream, from);
  const behind = firstSince(database, stream, to + 1);
  const last = behind === null ? lastPosition(database, stream) : behind - 1;
  return first === null || first > last ? null : [first, last];
}

/** By halving: positions rise with the time of acceptance, but for a clock that was set back, which costs a few more. */
function firstSince(database: ReadableDatabase, stream: Stream, since: number): number | null {
  const { table, key } = LOGS[stream];
  const at = database.prepare(
    `SELECT ${key} AS position, recorded_ts AS ts FROM ${table} WHERE ${key} >= ? ORDER BY ${key} LIMIT 1`,
  );
  let low = 1;
  let high = lastPosition(database, stream) + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const row = at.get(middle) as { position: number; ts: number } | undefined;
    if (row === undefined || row.ts >= since) high = middle;
    else low = row.position + 1;
  }
  return low > lastPosition(database, stream) ? null : low;
}
