import { setImmediate as nextTurn } from "node:timers/promises";
import type { StoredMessage } from "../../../src-shared/record.ts";
import type { ArchiveDatabase, Values } from "./archive-database.ts";
import { toTimestamp } from "./moments.ts";
import type { ArchiveFilter } from "./query-sql.ts";
import { millisecondsOf } from "./record-row.ts";
import { findByWords, MOST_FOUND, wordsAreIndexed } from "./word-index.ts";

/** A place in the order of the messages, newest first: by time, then by id. */
export type Place = { ts: number; uuid: string };

const LAST_UUID = "ffffffff-ffff-ffff-ffff-ffffffffffff";
const FIRST_UUID = "00000000-0000-0000-0000-000000000000";
export const BEFORE_ALL: Place = { ts: Number.POSITIVE_INFINITY, uuid: LAST_UUID };

/** Messages that one statement looks at: few for the first page, then more, so that a long walk is not of many steps. */
const FIRST_STRETCH = 2_000;
const LONGEST_STRETCH = 50_000;
/** So many messages are looked at themselves before the index of words is asked: what is frequent is found among them. */
const LOOKED_AT_FIRST = 30_000;
/** Of what one in so many messages is, the index knows too many. */
const RARE = 50;
/** Rows of one answer. */
const MOST_ROWS = 1_000;
const ROWS_AT_ONCE = 100;
/** Records may be of 1 MiB each: an answer ends early, before the host's memory does. */
const ANSWER_CHARACTERS = 16 * 1024 * 1024;

export const NEWEST_FIRST = "ORDER BY m.origin_ts DESC, m.message_uuid DESC";

export type WalkOptions = {
  /** See `WHOLE_RECORD`. */
  columns: string;
  /** Only what is behind this place. */
  after?: Place;
  /** Rows wanted of each statement. */
  rows?: number;
  /** See `LOOKED_AT_FIRST`. */
  lookedAtFirst?: number;
};

/** What a walk found last, and how far it has come; `reached` is null at its end. */
export type Step = { rows: StoredMessage[]; reached: Place | null };

/**
 * All matches, newest first, statement by statement. What an index leads to is asked for as it is; of all else a stretch
 * of the messages at a time, so that no statement reads the whole archive for a few rows, and whoever has enough stops.
 */
export async function* walk(
  database: ArchiveDatabase,
  filter: ArchiveFilter,
  { columns, after = BEFORE_ALL, rows: wanted = MOST_ROWS, lookedAtFirst = LOOKED_AT_FIRST }: WalkOptions,
): AsyncGenerator<Step, void> {
  let place = earlier(after, { ts: filter.to, uuid: FIRST_UUID });
  const end: Place = { ts: filter.from, uuid: FIRST_UUID };
  let length = filter.isLed ? null : FIRST_STRETCH;
  let passed = 0;
  let found = 0;
  for (;;) {
    const isRare = length !== null && passed >= lookedAtFirst && found * RARE <= passed;
    if (isRare && (await wordsAreIndexed(database, filter))) {
      yield* walkByWords(database, filter, { columns, from: place, to: end, limit: wanted });
      return;
    }
    const low = length === null ? end : await stretchEnd(database, place, end, length);
    for (;;) {
      const { rows, isCut } = await answer(database, filter, {
        columns,
        from: place,
        to: low,
        limit: wanted,
      });
      const last = rows.at(-1);
      const isOver = !isCut || last === undefined;
      place = isOver ? low : { ts: last.origin_ts, uuid: last.message_uuid };
      const { matches } = filter;
      const isEnd = isOver && low === end;
      const picked = matches === null ? rows : await pick(rows, matches);
      yield { rows: picked, reached: isEnd ? null : place };
      if (isEnd) return;
      found += picked.length;
      if (isOver) break;
    }
    if (length === null) continue;
    passed += length;
    length = Math.min(length * 2, LONGEST_STRETCH);
  }
}

/** The same for what few messages are, by the index of words: it tells where to look, and each is looked at. */
async function* walkByWords(
  database: ArchiveDatabase,
  filter: ArchiveFilter,
  { columns, from, to, limit }: Asked,
): AsyncGenerator<Step, void> {
  for (let place = from; ; ) {
    const places = await findByWords(database, filter, place, to);
    const isLast = places.length < MOST_FOUND;
    for (let start = 0; start < places.length; start += limit) {
      const some = places.slice(start, start + limit);
      const among = amongIds(filter, some);
      const low = some.at(-1) ?? to;
      for (let isCut = true; isCut; ) {
        const part = await answer(database, among, { columns, from: place, to: low, limit: limit + 1 });
        const last = part.rows.at(-1);
        isCut = part.isCut && last !== undefined;
        place = isCut && last !== undefined ? { ts: last.origin_ts, uuid: last.message_uuid } : low;
        const { matches } = filter;
        yield { rows: matches === null ? part.rows : await pick(part.rows, matches), reached: place };
      }
    }
    if (isLast) break;
  }
  yield { rows: [], reached: null };
}

function amongIds(filter: ArchiveFilter, places: readonly Place[]): ArchiveFilter {
  const { where, values } = filter;
  return {
    ...filter,
    where: `m.message_uuid = ANY($${values.length + 1}::uuid[]) AND (${where})`,
    values: [...values, places.map(({ uuid }) => uuid)],
  };
}

/** Others are served between a few rows and the next: cutting texts into words takes its time. */
async function pick(
  rows: readonly StoredMessage[],
  matches: (row: StoredMessage) => boolean,
): Promise<StoredMessage[]> {
  const picked: StoredMessage[] = [];
  for (let start = 0; start < rows.length; start += ROWS_AT_ONCE) {
    if (start > 0) await nextTurn();
    picked.push(...rows.slice(start, start + ROWS_AT_ONCE).filter(matches));
  }
  return picked;
}

/** Where so many messages behind a place have been passed, whatever they are; `end` where there are no more. */
async function stretchEnd(
  database: ArchiveDatabase,
  from: Place,
  end: Place,
  length: number,
): Promise<Place> {
  const [row] = await database.rows<Place>(
    `SELECT ${millisecondsOf("m.origin_ts")} AS ts, m.message_uuid::text AS uuid FROM message_logs AS m
     WHERE (m.origin_ts, m.message_uuid) < ($1::timestamptz, $2::uuid)
       AND (m.origin_ts, m.message_uuid) >= ($3::timestamptz, $4::uuid)
     ${NEWEST_FIRST} OFFSET $5 LIMIT 1`,
    [...bound(from), ...bound(end), length - 1],
  );
  return row ?? end;
}

type Asked = { columns: string; from: Place; to: Place; limit: number };

/** Rows in a stretch, `from` exclusive and `to` inclusive. `isCut` tells that there may be more behind the last. */
async function answer(
  database: ArchiveDatabase,
  { where, values }: ArchiveFilter,
  { columns, from, to, limit }: Asked,
): Promise<{ rows: StoredMessage[]; isCut: boolean }> {
  const at = values.length;
  const rows = await database.rows<StoredMessage & { characters: number }>(
    `SELECT * FROM (
       SELECT r.*, sum(length(r.message_data) + length(r.message_metadata) + length(r.destination_subject_ids))
         OVER (ORDER BY r.origin_ts DESC, r.message_uuid DESC)::float8 AS characters
       FROM (SELECT ${columns} FROM message_logs AS m
             WHERE (${where}) AND (m.origin_ts, m.message_uuid) < ($${at + 1}::timestamptz, $${at + 2}::uuid)
               AND (m.origin_ts, m.message_uuid) >= ($${at + 3}::timestamptz, $${at + 4}::uuid)
             ${NEWEST_FIRST} LIMIT $${at + 5}) AS r) AS s
     WHERE characters - length(message_data) - length(message_metadata) - length(destination_subject_ids)
       < ${ANSWER_CHARACTERS}
     ORDER BY origin_ts DESC, message_uuid DESC`,
    [...values, ...bound(from), ...bound(to), limit],
  );
  const isCut = rows.length === limit || (rows.at(-1)?.characters ?? 0) >= ANSWER_CHARACTERS;
  return { rows, isCut };
}

function bound({ ts, uuid }: Place): Values {
  return [toTimestamp(ts), uuid];
}

function earlier(a: Place, b: Place): Place {
  return a.ts < b.ts || (a.ts === b.ts && a.uuid < b.uuid) ? a : b;
}
