import type { ArchiveDatabase } from "./archive-database.ts";
import type { ArchiveFilter, Sql } from "./query-sql.ts";

/** The number of the last batch that consumers wrote: a table that is scrolled shows what was there with it. */
export async function lastBatch(database: ArchiveDatabase): Promise<number> {
  const [last] = await database.rows<{ batch: number }>(
    "SELECT batch::float8 AS batch FROM message_events ORDER BY message_events.batch DESC LIMIT 1",
  );
  return last?.batch ?? 0;
}

/** The filter for those of its matches that were there with a batch, as they are now. */
export async function storedUntil(
  database: ArchiveDatabase,
  filter: ArchiveFilter,
  batch: number,
): Promise<ArchiveFilter> {
  const [written] = await database.rows<{ at: string }>(
    "SELECT recorded_ts::text AS at FROM message_events WHERE batch = $1 LIMIT 1",
    [batch],
  );
  const bound = ({ where, values }: Sql): Sql => {
    const at = values.length;
    return {
      // What was not written since needs no look into its history; and what no consumer wrote has none.
      where: `(${where}) AND (m.stored_at < $${at + 1}::timestamptz
        OR EXISTS (SELECT FROM message_events AS e WHERE e.message_uuid = m.message_uuid AND e.batch <= $${at + 2})
        OR NOT EXISTS (SELECT FROM message_events AS e WHERE e.message_uuid = m.message_uuid))`,
      values: [...values, written?.at ?? "-infinity", batch],
    };
  };
  const { parts } = filter;
  return {
    ...filter,
    ...bound(filter),
    parts: parts === null ? null : { plain: bound(parts.plain), others: bound(parts.others) },
  };
}

/** How many matches of an exact filter came after a batch. */
export async function countSince(
  database: ArchiveDatabase,
  { where, values }: ArchiveFilter,
  batch: number,
): Promise<number> {
  const bound = `$${values.length + 1}`;
  const { count } = await database.row<{ count: number }>(
    `SELECT count(*)::float8 AS count FROM message_logs AS m
     WHERE (${where}) AND m.message_uuid IN (SELECT e.message_uuid FROM message_events AS e WHERE e.batch > ${bound})
       AND NOT EXISTS (SELECT FROM message_events AS e WHERE e.message_uuid = m.message_uuid AND e.batch <= ${bound})`,
    [...values, batch],
  );
  return count;
}
