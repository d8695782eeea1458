import type { ArchiveDatabase, Values } from "./archive-database.ts";
import { toTimestamp } from "./moments.ts";
import type { ArchiveFilter, Sql } from "./query-sql.ts";
import { millisecondsOf } from "./record-row.ts";
import type { Place } from "./walk.ts";

/** Messages that one statement finds at most: their places lie in the host's memory. */
export const MOST_FOUND = 50_000;
/** With more that are not worded, looking at all of these takes longer than walking the newest. */
const MOST_UNWORDED = 100_000;

/** Whether the index of words narrows a filter: it has words, and nearly all messages are in it. */
export async function wordsAreIndexed(database: ArchiveDatabase, { words }: ArchiveFilter): Promise<boolean> {
  if (words === null) return false;
  const { ready } = await database.row<{ ready: boolean }>(
    `SELECT NOT EXISTS (SELECT FROM waybill.wording) AND (
       SELECT count(*) FROM (SELECT FROM waybill.unworded LIMIT ${MOST_UNWORDED + 1}) AS u) <= ${MOST_UNWORDED} AS ready`,
  );
  return ready;
}

/** Where messages may be that a filter matches, newest first, `from` exclusive and `to` inclusive. */
export function findByWords(
  database: ArchiveDatabase,
  { words }: ArchiveFilter,
  from: Place,
  to: Place,
): Promise<Place[]> {
  const bounds: Values = [toTimestamp(from.ts), from.uuid, toTimestamp(to.ts), to.uuid];
  return database.rows<Place>(
    `SELECT ${millisecondsOf("c.origin_ts")} AS ts, c.message_uuid::text AS uuid
     FROM (${FOUND("$5")}) AS c (message_uuid, origin_ts)
     WHERE (c.origin_ts, c.message_uuid) < ($1::timestamptz, $2::uuid)
       AND (c.origin_ts, c.message_uuid) >= ($3::timestamptz, $4::uuid)
     ORDER BY c.origin_ts DESC, c.message_uuid DESC LIMIT ${MOST_FOUND}`,
    [...bounds, words],
  );
}

/** A part of a filter, for PostgreSQL to look for where the words are. */
export async function ledByWords(database: ArchiveDatabase, filter: ArchiveFilter, part: Sql): Promise<Sql> {
  if (!(await wordsAreIndexed(database, filter))) return part;
  const { where, values } = part;
  return {
    where: `m.message_uuid IN (SELECT c.message_uuid FROM (${FOUND(`$${values.length + 1}`)}) AS c) AND (${where})`,
    values: [...values, filter.words],
  };
}

/** What the index has, and what it does not have yet. */
const FOUND = (words: string): string =>
  `SELECT w.message_uuid, w.origin_ts FROM message_words AS w WHERE w.words @@ ${words}::tsquery
   UNION ALL SELECT u.message_uuid, u.origin_ts FROM waybill.unworded AS u`;
