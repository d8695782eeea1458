import { STATUSES } from "../../../src-shared/status.ts";
import { HOUR_MS } from "../../../src-shared/time.ts";
import type { ReadableDatabase } from "../open.ts";
import { GRAIN } from "../slots.ts";

/** Messages that are looked at in one step: some milliseconds. */
export const SLICE_MESSAGES = 5_000;
const SLOTS_PER_PAGE = 500;

/** A stretch of time in milliseconds, `high` exclusive. */
export type Slice = { low: number; high: number };

/** Hours that can't have a match are left out by this SQL over `h.slot`; null where all can. */
export type HourTest = { sql: string; parameters: readonly (string | number)[] } | null;

/**
 * A time from its end to its beginning, in slices of about as many messages each, by the statistics of
 * the hours; stretches without any, or without one that could match, are left out.
 */
export function* timeSlices(
  database: ReadableDatabase,
  { from, to }: { from: number; to: number },
  test: HourTest = null,
  most = SLICE_MESSAGES,
): Generator<Slice> {
  const page = database
    .prepare(
      `SELECT slot, ${STATUSES.join(" + ")} FROM message_counts AS h
       WHERE dimension = 'all' AND grain = ${GRAIN.hour} AND slot >= ? AND slot <= ? AND key = ''
         ${test === null ? "" : `AND ${test.sql}`}
       ORDER BY slot DESC LIMIT ${SLOTS_PER_PAGE}`,
    )
    .raw();
  const first = Math.floor(Math.max(from, -8.64e15) / HOUR_MS);
  let last = Math.floor(Math.min(to - 1, 8.64e15) / HOUR_MS);
  let open: (Slice & { messages: number }) | null = null;
  for (;;) {
    const slots = page.all(first, last, ...(test?.parameters ?? [])) as [slot: number, messages: number][];
    for (const [slot, messages] of slots) {
      const low = slot * HOUR_MS;
      const high = low + HOUR_MS;
      // Over hours that were left out a slice does not reach: what is in them can't match.
      const joins = open !== null && (test === null || open.low === high);
      if (open !== null && joins && open.messages + messages <= most) {
        open.low = low;
        open.messages += messages;
        continue;
      }
      if (open !== null) yield clip(open, from, to);
      open = null;
      if (messages <= most) open = { low, high, messages };
      else for (const part of split({ low, high }, Math.ceil(messages / most))) yield clip(part, from, to);
    }
    const end = slots.at(-1);
    if (end === undefined || slots.length < SLOTS_PER_PAGE) break;
    last = end[0] - 1;
  }
  if (open !== null) yield clip(open, from, to);
}

function clip({ low, high }: Slice, from: number, to: number): Slice {
  return { low: Math.max(low, from), high: Math.min(high, to) };
}

function* split({ low, high }: Slice, parts: number): Generator<Slice> {
  const width = Math.ceil((high - low) / parts);
  for (let end = high; end > low; end -= width) yield { low: Math.max(low, end - width), high: end };
}

const SLICE_SEQS = 20_000;

/** All positions up to one, in slices of as many each, with the bounds that the search index is asked within. */
export function* seqSlices(
  database: ReadableDatabase,
  { isLed }: { isLed: boolean },
  until: number,
): Generator<{ low: number; high: number; seq_low: number; seq_high: number }> {
  if (isLed) {
    yield { low: 0, high: until, seq_low: 0, seq_high: until };
    return;
  }
  const first = Number(database.prepare("SELECT min(seq) FROM message_logs").pluck().get() ?? 0);
  for (let low = first; low <= until; low += SLICE_SEQS) {
    const high = Math.min(until, low + SLICE_SEQS - 1);
    yield { low, high, seq_low: low, seq_high: high };
  }
}
