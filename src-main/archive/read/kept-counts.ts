import type { Status } from "../../../src-shared/status.ts";
import { DAY_MS, HOUR_MS } from "../../../src-shared/time.ts";
import type { Period } from "../../ledger/reader/period.ts";
import { GRAIN, slotRanges } from "../../ledger/slots.ts";
import type { CountDimension } from "../batch-counts.ts";
import { COUNT_MESSAGES } from "../count-messages.ts";
import type { ArchiveDatabase } from "./archive-database.ts";

/** Messages under one key; the status is empty for times. */
export type KeptCount = { key: string; status: Status | ""; messages: number };

/**
 * What is counted of a period of whole hours, or whole days for domains. A key and status may come twice where the
 * messages from before are not all counted yet: those are read themselves.
 */
export async function keptCounts(
  database: ArchiveDatabase,
  dimension: CountDimension,
  { from, to }: Period,
): Promise<KeptCount[]> {
  const [counting] = await database.rows<{ behind: number }>("SELECT behind FROM waybill.counting");
  // It only goes back: what was counted then is.
  const behind = counting === undefined ? from : Math.min(Math.max(from, counting.behind * DAY_MS), to);
  const [counted, others] = await Promise.all([
    countedIn(database, dimension, { from: behind, to }),
    from < behind ? countMessages(database, dimension, { from, to: behind }) : [],
  ]);
  return [...counted, ...others];
}

/** The sums, and what batches noted that is not added to them yet: in one statement, so of one moment. */
function countedIn(
  database: ArchiveDatabase,
  dimension: CountDimension,
  { from, to }: Period,
): Promise<KeptCount[]> {
  const sums = slotRanges(from, to, dimension === "domain" ? GRAIN.day : GRAIN.hour).map(
    (range) =>
      `SELECT c.key, c.status, c.messages FROM message_counts AS c
       WHERE c.dimension = $1 AND c.grain = ${range.grain} AND c.slot >= ${range.from} AND c.slot < ${range.to}`,
  );
  return database.rows<KeptCount>(
    `SELECT c.key, c.status, sum(c.messages)::float8 AS messages FROM (
       ${sums.map((sum) => `${sum} UNION ALL`).join("\n       ")}
       SELECT u.key, u.status, u.messages FROM waybill.uncounted AS b
       CROSS JOIN LATERAL unnest(b.hours, b.keys, b.statuses, b.messages) AS u (hour, key, status, messages)
       WHERE b.dimension = $1 AND u.hour >= $2 AND u.hour < $3) AS c
     GROUP BY 1, 2 HAVING sum(c.messages) <> 0`,
    [dimension, from / HOUR_MS, to / HOUR_MS],
  );
}

function countMessages(
  database: ArchiveDatabase,
  dimension: CountDimension,
  { from, to }: Period,
): Promise<KeptCount[]> {
  return database.rows<KeptCount>(
    `SELECT c.key, c.status, sum(c.messages)::float8 AS messages FROM (${COUNT_MESSAGES[dimension]}) AS c GROUP BY 1, 2`,
    [from / HOUR_MS, to / HOUR_MS],
  );
}
