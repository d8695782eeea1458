import { STATUSES } from "../../../src-shared/status.ts";
import type { ReadableDatabase } from "../open.ts";
import { DAYS_PER_BLOCK, GRAIN, HOURS_PER_DAY } from "../slots.ts";
import { DIMENSIONS, emptyTally, merge, STAGES, type Tally } from "../tally.ts";
import { OTHER_KEY, tallyRows } from "../writer/rollups.ts";

const COLUMNS = STATUSES.join(", ");

type Finder = Pick<ReadableDatabase, "prepare">;

/**
 * The statistics against a recount of the rows, the sums of days and longer against those of hours, and the
 * totals against the chain's; at most `most` differences. Runs inside the caller's transaction.
 */
export function* checkStatistics(database: Finder): Generator<string> {
  const tally = emptyTally();
  for (const part of tallyRows(database)) merge(tally, part);
  yield* checkCounts(database, tally);
  yield* checkLatencies(database, tally);
  yield* checkSums(database);
  yield* checkSessions(database, tally);
  yield* checkBalance(database, tally.messages);
}

function* checkCounts(database: Finder, tally: Tally): Generator<string> {
  const counted = new Set(
    database.prepare("SELECT dimension || ' ' || key FROM counted_keys").pluck().all() as string[],
  );
  for (const dimension of DIMENSIONS) {
    const grain = dimension === "domain" ? GRAIN.day : GRAIN.hour;
    const size = dimension === "domain" ? HOURS_PER_DAY : 1;
    const expected = new Map<string, number[]>();
    for (const [hour, { [dimension]: counts }] of tally.hours) {
      for (const [key, numbers] of counts) {
        const name = dimension === "all" || counted.has(`${dimension} ${key}`) ? key : OTHER_KEY;
        const slot = `${Math.floor(hour / size)} ${name}`;
        const sums = expected.get(slot) ?? STATUSES.map(() => 0);
        expected.set(slot, sums);
        for (const [code, number] of numbers.entries()) sums[code] = (sums[code] ?? 0) + number;
      }
    }
    const kept = database
      .prepare(`SELECT slot || ' ' || key, ${COLUMNS} FROM message_counts WHERE dimension = ? AND grain = ?`)
      .raw()
      .iterate(dimension, grain) as Iterable<[string, ...number[]]>;
    yield* differences(
      `messages by ${grain === GRAIN.day ? "day" : "hour"} and ${dimension}`,
      expected,
      kept,
    );
  }
}

function* checkLatencies(database: Finder, tally: Tally): Generator<string> {
  for (const stage of STAGES) {
    const expected = new Map<string, number[]>();
    for (const [hour, { latencies }] of tally.hours) {
      for (const [bin, number] of latencies[stage]) expected.set(`${hour} ${bin}`, [number]);
    }
    const kept = database
      .prepare(
        `SELECT slot || ' ' || bin, count FROM message_latencies WHERE stage = ? AND grain = ${GRAIN.hour}`,
      )
      .raw()
      .iterate(stage) as Iterable<[string, number]>;
    yield* differences(`times until '${stage}' by hour`, expected, kept);
  }
}

/** A finer grain, of which the coarser one is the sum. */
const SUMS = [
  { finer: GRAIN.hour, coarser: GRAIN.day, size: HOURS_PER_DAY },
  { finer: GRAIN.day, coarser: GRAIN.block, size: DAYS_PER_BLOCK },
] as const;

function* checkSums(database: Finder): Generator<string> {
  const total = STATUSES.join(" + ");
  const tables = [
    {
      table: "message_counts",
      by: "dimension",
      key: "key",
      number: total,
      without: "WHERE dimension <> 'domain'",
    },
    { table: "message_latencies", by: "stage", key: "bin", number: "count", without: "" },
  ];
  for (const { table, by, key, number, without } of tables) {
    for (const { finer, coarser, size } of SUMS) {
      const rows = database
        .prepare(
          `SELECT ${by} AS what, slot, sum(fine) AS fine, sum(coarse) AS coarse FROM (
             SELECT ${by}, (slot - (slot % ${size} + ${size}) % ${size}) / ${size} AS slot, ${key}, ${number} AS fine, 0 AS coarse
             FROM ${table} WHERE grain = ${finer}
             UNION ALL SELECT ${by}, slot, ${key}, 0, ${number} FROM ${table} WHERE grain = ${coarser})
           ${finer === GRAIN.hour ? without : ""}
           GROUP BY ${by}, slot, ${key} HAVING sum(fine) <> sum(coarse) LIMIT 20`,
        )
        .all() as { what: string; slot: number; fine: number; coarse: number }[];
      for (const { what, slot, fine, coarse } of rows)
        yield `The statistics have ${coarse} messages by ${what} in a longer slot (${slot}), its parts are ${fine}`;
    }
  }
}

function* checkSessions(database: Finder, tally: Tally): Generator<string> {
  const expected = new Map<string, number[]>();
  const errors = new Map<string, number[]>();
  for (const [id, session] of tally.sessions) {
    const { total, successful, failed, pending, cancelled, sendCount, sendMs } = session;
    expected.set(id, [total, successful, failed, pending, cancelled, sendCount, sendMs]);
    for (const [template, number] of session.errors) errors.set(`${id} ${template}`, [number]);
  }
  yield* differences(
    "messages of a session",
    expected,
    database
      .prepare(
        "SELECT session_id, total, successful, failed, pending, cancelled, send_count, send_ms FROM sessions",
      )
      .raw()
      .iterate() as Iterable<[string, ...number[]]>,
  );
  yield* differences(
    "failures of a session",
    errors,
    database
      .prepare("SELECT session_id || ' ' || error_template_id, count FROM session_errors")
      .raw()
      .iterate() as Iterable<[string, number]>,
  );
}

/** Accepted, as the chain has it, is what is there and what was removed. */
function* checkBalance(database: Finder, stored: number): Generator<string> {
  const head = database
    .prepare("SELECT accepted_total, removed_total FROM chain_groups ORDER BY group_id DESC LIMIT 1")
    .get() as { accepted_total: number; removed_total: number } | undefined;
  const expected = (head?.accepted_total ?? 0) - (head?.removed_total ?? 0);
  if (expected !== stored)
    yield `${head?.accepted_total ?? 0} messages were accepted and ${head?.removed_total ?? 0} removed, but ${stored} are there`;
}

/** What is kept is taken out of `expected`; a key with zeros alone is as good as none. */
function* differences(
  what: string,
  expected: Map<string, number[]>,
  kept: Iterable<[string, ...number[]]>,
): Generator<string> {
  for (const [key, ...numbers] of kept) {
    const counted = expected.get(key) ?? numbers.map(() => 0);
    expected.delete(key);
    if (numbers.some((number, index) => number !== counted[index]))
      yield `The statistics have ${numbers.join("/")} ${what} (${key}), the rows are ${counted.join("/")}`;
  }
  for (const [key, numbers] of expected) {
    if (numbers.some((number) => number !== 0))
      yield `The statistics have no ${what} (${key}), the rows are ${numbers.join("/")}`;
  }
}
