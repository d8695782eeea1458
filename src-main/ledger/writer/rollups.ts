import { STATUSES } from "../../../src-shared/status.ts";
import type { WritableDatabase } from "../open.ts";
import { DAYS_PER_BLOCK, GRAIN, type Grain, HOURS_PER_DAY } from "../slots.ts";
import {
  type CountedMessage,
  type Counts,
  count,
  DIMENSIONS,
  type Dimension,
  emptyTally,
  mergeCounts,
  mergeNumbers,
  STAGES,
  type Stage,
  type Tally,
} from "../tally.ts";

/** Keys counted by themselves; what comes after them is counted together, so that no page grows with their number. */
const MOST_KEYS: Readonly<Record<Dimension, number>> = {
  all: 1,
  channel: 200,
  template: 1_000,
  error: 1_000,
  domain: 500,
};
export const OTHER_KEY = "(other)";

function prepare(database: WritableDatabase) {
  const sums = STATUSES.map((status) => `${status} = ${status} + excluded.${status}`).join(", ");
  const gone = STATUSES.map((status) => `${status} = 0`).join(" AND ");
  return {
    count: database.prepare(
      `INSERT INTO message_counts (dimension, grain, slot, key, ${STATUSES.join(", ")})
       VALUES (?, ?, ?, ?, ${STATUSES.map(() => "?").join(", ")}) ON CONFLICT DO UPDATE SET ${sums}`,
    ),
    dropEmptyCount: database.prepare(
      `DELETE FROM message_counts WHERE dimension = ? AND grain = ? AND slot = ? AND key = ? AND ${gone}`,
    ),
    latency: database.prepare(
      `INSERT INTO message_latencies (stage, grain, slot, bin, count) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET count = count + excluded.count`,
    ),
    dropEmptyLatency: database.prepare(
      "DELETE FROM message_latencies WHERE stage = ? AND grain = ? AND slot = ? AND bin = ? AND count = 0",
    ),
    session: database.prepare(
      `UPDATE sessions SET total = total + @total, successful = successful + @successful,
         failed = failed + @failed, pending = pending + @pending, cancelled = cancelled + @cancelled,
         send_count = send_count + @sendCount, send_ms = send_ms + @sendMs
       WHERE session_id = @id`,
    ),
    sessionError: database.prepare(
      `INSERT INTO session_errors (session_id, error_template_id, count) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET count = count + excluded.count`,
    ),
    dropEmptySessionError: database.prepare(
      "DELETE FROM session_errors WHERE session_id = ? AND error_template_id = ? AND count = 0",
    ),
    isCounted: database.prepare("SELECT 1 FROM counted_keys WHERE dimension = ? AND key = ?").pluck(),
    keysCounted: database.prepare("SELECT count(*) FROM counted_keys WHERE dimension = ?").pluck(),
    countKey: database.prepare("INSERT INTO counted_keys (dimension, key) VALUES (?, ?)"),
  };
}

/**
 * Writes what a commit group changes in the statistics, in the group's own transaction, so that they
 * always equal a recount of the rows.
 */
export class Rollups {
  readonly #statements: ReturnType<typeof prepare>;
  /** Keys that the group in hand knows to be counted by themselves. */
  readonly #known = new Map<Dimension, Set<string>>(DIMENSIONS.map((dimension) => [dimension, new Set()]));

  constructor(database: WritableDatabase) {
    this.#statements = prepare(database);
  }

  forgetKeys(): void {
    for (const keys of this.#known.values()) keys.clear();
  }

  /** Runs inside the caller's transaction. */
  write(tally: Tally): void {
    for (const dimension of DIMENSIONS) {
      const byHour = new Map<number, Map<string, Counts>>();
      for (const [hour, { [dimension]: counts }] of tally.hours)
        byHour.set(hour, this.#named(dimension, counts));
      if (dimension !== "domain") this.#writeCounts(dimension, GRAIN.hour, byHour);
      const byDay = coarsen(byHour, HOURS_PER_DAY, mergeCounts);
      this.#writeCounts(dimension, GRAIN.day, byDay);
      this.#writeCounts(dimension, GRAIN.block, coarsen(byDay, DAYS_PER_BLOCK, mergeCounts));
    }
    for (const stage of STAGES) {
      const byHour = new Map([...tally.hours].map(([hour, { latencies }]) => [hour, latencies[stage]]));
      this.#writeLatencies(stage, GRAIN.hour, byHour);
      const byDay = coarsen(byHour, HOURS_PER_DAY, mergeNumbers);
      this.#writeLatencies(stage, GRAIN.day, byDay);
      this.#writeLatencies(stage, GRAIN.block, coarsen(byDay, DAYS_PER_BLOCK, mergeNumbers));
    }
    for (const [id, { errors, ...sums }] of tally.sessions) {
      this.#statements.session.run({ id, ...sums });
      for (const [template, number] of errors) {
        if (number === 0) continue;
        this.#statements.sessionError.run(id, template, number);
        if (number < 0) this.#statements.dropEmptySessionError.run(id, template);
      }
    }
  }

  #writeCounts(dimension: Dimension, grain: Grain, slots: ReadonlyMap<number, ReadonlyMap<string, Counts>>) {
    for (const [slot, counts] of slots) {
      for (const [key, numbers] of counts) {
        if (numbers.every((number) => number === 0)) continue;
        this.#statements.count.run(dimension, grain, slot, key, ...numbers);
        if (numbers.some((number) => number < 0))
          this.#statements.dropEmptyCount.run(dimension, grain, slot, key);
      }
    }
  }

  #writeLatencies(stage: Stage, grain: Grain, slots: ReadonlyMap<number, ReadonlyMap<number, number>>) {
    for (const [slot, bins] of slots) {
      for (const [bin, number] of bins) {
        if (number === 0) continue;
        this.#statements.latency.run(stage, grain, slot, bin, number);
        if (number < 0) this.#statements.dropEmptyLatency.run(stage, grain, slot, bin);
      }
    }
  }

  /** The counts with the keys they are kept under. */
  #named(dimension: Dimension, counts: ReadonlyMap<string, Counts>): Map<string, Counts> {
    const named = new Map<string, Counts>();
    for (const [key, numbers] of counts) {
      const name = this.#isCounted(dimension, key) ? key : OTHER_KEY;
      mergeCounts(named, new Map([[name, numbers]]));
    }
    return named;
  }

  #isCounted(dimension: Dimension, key: string): boolean {
    if (dimension === "all") return true;
    const known = this.#known.get(dimension);
    if (known?.has(key)) return true;
    const { isCounted, keysCounted, countKey } = this.#statements;
    if (isCounted.get(dimension, key) === undefined) {
      if (Number(keysCounted.get(dimension)) >= MOST_KEYS[dimension]) return false;
      countKey.run(dimension, key);
    }
    known?.add(key);
    return true;
  }
}

function coarsen<K, V>(
  slots: ReadonlyMap<number, Map<K, V>>,
  size: number,
  mergeInto: (into: Map<K, V>, from: ReadonlyMap<K, V>) => void,
): Map<number, Map<K, V>> {
  const coarse = new Map<number, Map<K, V>>();
  for (const [slot, values] of slots) {
    const target = coarse.get(Math.floor(slot / size)) ?? new Map<K, V>();
    coarse.set(Math.floor(slot / size), target);
    mergeInto(target, values);
  }
  return coarse;
}

type CountedRow = CountedMessage & { seq: number; error_template_id: number | null };

/** What the statistics should be, from the rows; a page of them at a time goes to `take`. */
export function* tallyRows(database: Pick<WritableDatabase, "prepare">): Generator<Tally> {
  const page = database.prepare(
    `SELECT seq, session_id, channel, status, origin_ts, sent_ts, delivered_ts, template_id, template_name,
       destination_subject_ids, error_template_id
     FROM message_logs WHERE seq > ? ORDER BY seq LIMIT 10000`,
  );
  for (let last = 0; ; ) {
    const rows = page.all(last) as CountedRow[];
    const final = rows.at(-1);
    if (final === undefined) return;
    const tally = emptyTally();
    for (const row of rows) count(tally, row, row.error_template_id, 1);
    yield tally;
    last = final.seq;
  }
}

/** Makes all statistics anew from the rows. Runs inside the caller's transaction. */
export function recount(database: WritableDatabase): void {
  database.exec(`
    DELETE FROM message_counts;
    DELETE FROM message_latencies;
    DELETE FROM session_errors;
    DELETE FROM counted_keys;
    UPDATE sessions SET total = 0, successful = 0, failed = 0, pending = 0, cancelled = 0, send_count = 0, send_ms = 0;
  `);
  const rollups = new Rollups(database);
  for (const tally of tallyRows(database)) rollups.write(tally);
}
