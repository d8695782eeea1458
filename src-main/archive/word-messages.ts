import type pg from "pg";
import type { SearchedTexts } from "../../src-shared/query/tokens.ts";
import { ANY_WORDS, MOST_CHARACTERS, wordsOf } from "./words.ts";

/** A message as its words are cut from; the time as PostgreSQL writes it. Recipients are null where they are too many. */
type Unworded = Omit<SearchedTexts, "destination_subject_ids"> & {
  message_uuid: string;
  origin_ts: string;
  destination_subject_ids: string | null;
};

const BEGIN = `begin isolation level read committed;
  set local lock_timeout = '5s'; set local statement_timeout = '60s';
  set local idle_in_transaction_session_timeout = '60s'`;
/** One words at a time: two could write the words of an older and a newer revision in the wrong order. */
const LOCK = "select pg_try_advisory_xact_lock(hashtextextended('waybill_words', 0)) as mine";
const TEXTS = `message_uuid, origin_ts::text as origin_ts, content_preview, topic, message_type, template_name, template_id,
  external_id, error_message, source_subject_id,
  case when length(array_to_string(destination_subject_ids, ' ')) <= ${MOST_CHARACTERS}
    then array_to_json(destination_subject_ids)::text end as destination_subject_ids`;
const TAKE = {
  name: "waybill-unworded",
  text: `delete from waybill.unworded where ctid = any(array(select ctid from waybill.unworded limit $1))
    returning message_uuid`,
};
/** As they are now: a change that comes later is noted anew. */
const READ = {
  name: "waybill-texts",
  text: `select ${TEXTS} from public.message_logs where message_uuid = any($1::uuid[])`,
};
const READ_BEHIND = {
  name: "waybill-texts-behind",
  text: `select ${TEXTS} from public.message_logs where message_uuid > $1 order by message_uuid limit $2`,
};
const WRITE = {
  name: "waybill-words",
  text: `insert into public.message_words as w (message_uuid, origin_ts, words)
    select message_uuid, origin_ts, words
    from json_to_recordset($1::json) as r (message_uuid uuid, origin_ts timestamptz, words tsvector)
    on conflict (message_uuid) do update set origin_ts = excluded.origin_ts, words = excluded.words
    where (w.origin_ts, w.words) is distinct from (excluded.origin_ts, excluded.words)`,
};

/**
 * Writes the words of so many messages at most that are not worded, in one transaction; how many it took: none where all
 * are worded, or another does it now. Throws what PostgreSQL threw, and then nothing has changed.
 */
export async function wordMessages(client: pg.Client, most: number): Promise<number> {
  await client.query(BEGIN);
  try {
    const { rows } = await client.query<{ mine: boolean }>(LOCK);
    const taken =
      rows[0]?.mine === true ? (await wordNoted(client, most)) || (await wordBehind(client, most)) : 0;
    await client.query("commit");
    return taken;
  } catch (error) {
    // Where the connection is gone, so is the transaction.
    await client.query("rollback").catch(() => {});
    throw error;
  }
}

/** What was written since there are words. */
async function wordNoted(client: pg.Client, most: number): Promise<number> {
  const { rows: noted } = await client.query<{ message_uuid: string }>({ ...TAKE, values: [most] });
  if (noted.length === 0) return 0;
  const ids = noted.map(({ message_uuid }) => message_uuid);
  const { rows } = await client.query<Unworded>({ ...READ, values: [ids] });
  await write(client, rows);
  return noted.length;
}

/** What was there before, in the order of the ids. */
async function wordBehind(client: pg.Client, most: number): Promise<number> {
  const { rows: wording } = await client.query<{ behind: string }>("select behind from waybill.wording");
  const behind = wording[0]?.behind;
  if (behind === undefined) return 0;
  const { rows } = await client.query<Unworded>({ ...READ_BEHIND, values: [behind, most] });
  const last = rows.at(-1);
  if (last === undefined) await client.query("delete from waybill.wording");
  else {
    await write(client, rows);
    await client.query("update waybill.wording set behind = $1", [last.message_uuid]);
  }
  return rows.length;
}

async function write(client: pg.Client, messages: readonly Unworded[]): Promise<void> {
  const rows = messages.map(({ message_uuid, origin_ts, destination_subject_ids, ...texts }) => ({
    message_uuid,
    origin_ts,
    words: destination_subject_ids === null ? ANY_WORDS : wordsOf({ ...texts, destination_subject_ids }),
  }));
  await client.query({ ...WRITE, values: [JSON.stringify(rows)] });
}
