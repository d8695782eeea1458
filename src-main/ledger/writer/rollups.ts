import type { Statement } from "better-sqlite3";
import { latencyBin } from "../../../src-shared/latency.ts";
import type { StoredMessage } from "../../../src-shared/record.ts";
import { isSuccessful, isWaiting, type Status } from "../../../src-shared/status.ts";
import { HOUR_MS } from "../../../src-shared/time.ts";
import type { WritableDatabase } from "../open.ts";

/** What a message adds to the statistics. */
export type CountedMessage = Pick<
  StoredMessage,
  | "session_id"
  | "channel"
  | "status"
  | "origin_ts"
  | "sent_ts"
  | "delivered_ts"
  | "template_id"
  | "template_name"
> & { error_template_id: number | null };

type SessionDelta = {
  total: number;
  successful: number;
  failed: number;
  pending: number;
  cancelled: number;
  sendCount: number;
  sendMs: number;
};

type SessionCounter = "successful" | "failed" | "pending" | "cancelled";

function sessionCounter(status: Status): SessionCounter {
  if (isSuccessful(status)) return "successful";
  if (isWaiting(status)) return "pending";
  return status === "failed" ? "failed" : "cancelled";
}

/** No field can hold it: JSON and SQLite's own texts may, but it only ever parts the words of a key. */
const PART = "\u0000";

/**
 * Gathers what a commit group changes in the statistics and writes the sums once, in the group's
 * own transaction, so that they always equal a recount of the rows.
 */
export class Rollups {
  readonly #counts = new Map<string, number>();
  readonly #latencies = new Map<string, number>();
  readonly #sessions = new Map<string, SessionDelta>();

  add(message: CountedMessage): void {
    this.#count(message, 1);
  }

  subtract(message: CountedMessage): void {
    this.#count(message, -1);
  }

  /** Writes the sums and forgets them. Runs inside the caller's transaction. */
  write(statements: RollupStatements): void {
    for (const [key, count] of this.#counts) {
      if (count === 0) continue;
      const [dimension = "", hour = "", status = "", ...value] = key.split(PART);
      statements.count.run(Number(hour), dimension, value.join(PART), status, count);
      if (count < 0) statements.countZero.run(dimension, Number(hour), value.join(PART), status);
    }
    for (const [key, count] of this.#latencies) {
      if (count === 0) continue;
      const [stage = "", hour, bin] = key.split(PART);
      statements.latency.run(Number(hour), stage, Number(bin), count);
      if (count < 0) statements.latencyZero.run(stage, Number(hour), Number(bin));
    }
    for (const [id, delta] of this.#sessions) {
      statements.session.run({ id, ...delta });
    }
    this.clear();
  }

  clear(): void {
    this.#counts.clear();
    this.#latencies.clear();
    this.#sessions.clear();
  }

  #count(message: CountedMessage, sign: 1 | -1): void {
    const hour = Math.floor(message.origin_ts / HOUR_MS);
    const slot = `${PART}${hour}${PART}${message.status}${PART}`;
    this.#bump(this.#counts, `channel${slot}${message.channel}`, sign);
    const template = message.template_name ?? message.template_id;
    if (template !== null) this.#bump(this.#counts, `template${slot}${template}`, sign);
    if (message.error_template_id !== null) {
      this.#bump(this.#counts, `error${slot}${message.error_template_id}`, sign);
    }
    if (message.sent_ts !== null) {
      const bin = latencyBin(message.sent_ts - message.origin_ts);
      this.#bump(this.#latencies, `sent${PART}${hour}${PART}${bin}`, sign);
    }
    if (message.delivered_ts !== null) {
      const bin = latencyBin(message.delivered_ts - message.origin_ts);
      this.#bump(this.#latencies, `delivered${PART}${hour}${PART}${bin}`, sign);
    }
    if (message.session_id !== null) this.#countSession(message.session_id, message, sign);
  }

  #countSession(id: string, message: CountedMessage, sign: 1 | -1): void {
    let delta = this.#sessions.get(id);
    if (delta === undefined) {
      delta = { total: 0, successful: 0, failed: 0, pending: 0, cancelled: 0, sendCount: 0, sendMs: 0 };
      this.#sessions.set(id, delta);
    }
    delta.total += sign;
    delta[sessionCounter(message.status)] += sign;
    if (message.sent_ts !== null) {
      delta.sendCount += sign;
      delta.sendMs += sign * (message.sent_ts - message.origin_ts);
    }
  }

  #bump(map: Map<string, number>, key: string, by: number): void {
    map.set(key, (map.get(key) ?? 0) + by);
  }
}

export type RollupStatements = Readonly<
  Record<"count" | "countZero" | "latency" | "latencyZero" | "session", Statement>
>;

export function prepareRollups(database: WritableDatabase): RollupStatements {
  return {
    count: database.prepare(
      `INSERT INTO hourly_counts (hour, dimension, key, status, count) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET count = count + excluded.count`,
    ),
    countZero: database.prepare(
      "DELETE FROM hourly_counts WHERE dimension = ? AND hour = ? AND key = ? AND status = ? AND count = 0",
    ),
    latency: database.prepare(
      `INSERT INTO hourly_latencies (hour, stage, bin, count) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET count = count + excluded.count`,
    ),
    latencyZero: database.prepare(
      "DELETE FROM hourly_latencies WHERE stage = ? AND hour = ? AND bin = ? AND count = 0",
    ),
    session: database.prepare(
      `UPDATE sessions SET total = total + @total, successful = successful + @successful,
         failed = failed + @failed, pending = pending + @pending, cancelled = cancelled + @cancelled,
         send_count = send_count + @sendCount, send_ms = send_ms + @sendMs
       WHERE session_id = @id`,
    ),
  };
}

/** Makes all statistics anew from the rows. Runs inside the caller's transaction. */
export function recount(database: WritableDatabase, statements: RollupStatements): void {
  database.exec(`
    DELETE FROM hourly_counts;
    DELETE FROM hourly_latencies;
    UPDATE sessions SET total = 0, successful = 0, failed = 0, pending = 0, cancelled = 0, send_count = 0, send_ms = 0;
  `);
  const rollups = new Rollups();
  const page = database.prepare(
    `SELECT seq, session_id, channel, status, origin_ts, sent_ts, delivered_ts, template_id, template_name, error_template_id
     FROM message_logs WHERE seq > ? ORDER BY seq LIMIT 10000`,
  );
  for (let last = 0; ; ) {
    const rows = page.all(last) as (CountedMessage & { seq: number })[];
    for (const row of rows) rollups.add(row);
    rollups.write(statements);
    const final = rows.at(-1);
    if (final === undefined) return;
    last = final.seq;
  }
}
