import { STREAMS, type Stream } from "../ledger/sync-save.ts";
import { storableText } from "./supabase/storable.ts";

const HOUR_MS = 3_600_000;
/** From an hour to a second: a span that holds too many rows is compared in smaller ones first. */
const SPANS_MS = [HOUR_MS, 60_000, 1_000] as const;
/** Rows whose revisions are asked for at once. */
const ROWS_AT_ONCE = 10_000;

/** Milliseconds since 1970, whole seconds; `to` is not part of it. */
export type Span = { from: number; to: number };

/** All rows of one span of time, by `origin_ts` or `started_ts`; `fingerprint` is of fingerprint.ts, added. */
export type Bucket = { start: number; count: number; fingerprint: number };

/** A message, or a session, whose status is empty. */
export type Entry = { id: string; revision: number; status: string };

/** One of the two that are compared. Methods reject with what hinders them. */
export type ReconcileSide<E extends Entry = Entry> = {
  /** Of those with rows, in any order; all there is where no span is named. */
  buckets: (
    stream: Stream,
    bucketMs: number,
    span: Span | null,
    signal: AbortSignal | undefined,
  ) => Promise<Bucket[]>;
  entries: (stream: Stream, span: Span, signal: AbortSignal | undefined) => Promise<E[]>;
};

export type StreamComparison = {
  /** Rows in the ledger, and of them those in spans of time that agreed at once. */
  compared: number;
  agreed: number;
  /** To be sent again: not there, there with a lower revision, or with the same and another status. */
  missing: number;
  older: number;
  altered: number;
  /** There with a higher revision, which the ledger does not replace. */
  newer: number;
  /** Only there, as when the ledger's retention deleted them here. */
  extra: number;
};

export type Comparison = Record<Stream, StreamComparison>;

export type ReconcileOptions<E extends Entry> = {
  ledger: ReconcileSide<E>;
  remote: ReconcileSide;
  /** Given the ledger's own entries that are to be sent again, some at a time. */
  resend: (stream: Stream, entries: readonly E[]) => void | Promise<void>;
  /** Rows looked at, of those that are to be looked at one by one. */
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal | undefined;
};

/**
 * Compares the ledger with a sink: one sum for each hour from each side, and row by row only where the sums
 * differ. Rows that are on their way meanwhile may be told as missing; sending them again does no harm. Rejects
 * with what a side rejects with, or the signal's reason.
 */
export async function reconcile<E extends Entry>(options: ReconcileOptions<E>): Promise<Comparison> {
  const work: { stream: Stream; spans: Differing[] }[] = [];
  const comparison: Comparison = { message: emptyComparison(), session: emptyComparison() };
  for (const stream of STREAMS) {
    // The remote first: what is delivered between the two is then in the ledger, and is not told as only there.
    const remote = await options.remote.buckets(stream, HOUR_MS, null, options.signal);
    const ledger = await options.ledger.buckets(stream, HOUR_MS, null, options.signal);
    options.signal?.throwIfAborted();
    work.push({ stream, spans: differing(ledger, remote, comparison[stream], 0) });
  }
  const all = work.flatMap(({ spans }) => spans);
  const total = all.reduce((sum, span) => sum + span.rows, 0);
  let done = 0;
  options.onProgress?.(0, total);
  for (const { stream, spans } of work) {
    for (const span of spans) {
      await compareSpan(options, stream, span, comparison[stream]);
      done += span.rows;
      options.onProgress?.(done, total);
    }
  }
  return comparison;
}

/** `level` of SPANS_MS that its sums were of. */
type Differing = Span & { rows: number; level: number };

/** The spans to look into, neighbours together while they are small. Counts what needs no look. */
function differing(
  ledger: readonly Bucket[],
  remote: readonly Bucket[],
  comparison: StreamComparison,
  level: number,
): Differing[] {
  const length = SPANS_MS[level] ?? HOUR_MS;
  const there = new Map(remote.map((bucket) => [bucket.start, bucket]));
  const spans: Differing[] = [];
  let last: Differing | undefined;
  for (const here of ledger.toSorted((one, other) => one.start - other.start)) {
    const twin = there.get(here.start);
    there.delete(here.start);
    if (level === 0) comparison.compared += here.count;
    if (twin?.count === here.count && twin.fingerprint === here.fingerprint) {
      comparison.agreed += here.count;
      // What agrees is not asked for again.
      last = undefined;
      continue;
    }
    const rows = Math.max(here.count, twin?.count ?? 0);
    if (last !== undefined && last.rows + rows <= ROWS_AT_ONCE && last.to === here.start) {
      last.to = here.start + length;
      last.rows += rows;
    } else {
      last = { from: here.start, to: here.start + length, rows, level };
      spans.push(last);
    }
  }
  for (const { count } of there.values()) comparison.extra += count;
  return spans;
}

async function compareSpan<E extends Entry>(
  options: ReconcileOptions<E>,
  stream: Stream,
  span: Differing,
  comparison: StreamComparison,
): Promise<void> {
  const { ledger, remote, resend, signal } = options;
  signal?.throwIfAborted();
  const smaller = SPANS_MS[span.level + 1];
  if (span.rows > ROWS_AT_ONCE && smaller !== undefined) {
    const there = await remote.buckets(stream, smaller, span, signal);
    const here = await ledger.buckets(stream, smaller, span, signal);
    for (const part of differing(here, there, comparison, span.level + 1))
      await compareSpan(options, stream, part, comparison);
    return;
  }
  const there = new Map((await remote.entries(stream, span, signal)).map((entry) => [entry.id, entry]));
  const here = await ledger.entries(stream, span, signal);
  const again: E[] = [];
  for (const entry of here) {
    const id = storableText(entry.id);
    const twin = there.get(id);
    there.delete(id);
    const verdict = judge(entry, twin);
    comparison[verdict] += 1;
    if (verdict !== "agreed" && verdict !== "newer") again.push(entry);
  }
  comparison.extra += there.size;
  if (again.length > 0) await resend(stream, again);
}

function judge(here: Entry, there: Entry | undefined): "agreed" | "missing" | "older" | "altered" | "newer" {
  if (there === undefined) return "missing";
  if (there.revision < here.revision) return "older";
  if (there.revision > here.revision) return "newer";
  return there.status === here.status ? "agreed" : "altered";
}

function emptyComparison(): StreamComparison {
  return { compared: 0, agreed: 0, missing: 0, older: 0, altered: 0, newer: 0, extra: 0 };
}
