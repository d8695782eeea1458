import type pg from "pg";
import { DAYS_PER_BLOCK, GRAIN, HOURS_PER_DAY } from "../ledger/slots.ts";
import { COUNT_MESSAGES } from "./count-messages.ts";

const BLOCK = HOURS_PER_DAY * DAYS_PER_BLOCK;
/** Days since 1970: a record has no earlier time than the year 0. */
const FIRST_DAY = -719_528;

const BEGIN = `begin isolation level read committed;
  set local lock_timeout = '5s'; set local statement_timeout = '1h';
  set local idle_in_transaction_session_timeout = '60s'`;
/** One adds at a time: what is counted of the messages from before is the difference to what there is. */
const LOCK = "select pg_try_advisory_xact_lock(hashtextextended('waybill_counts', 0)) as mine";
/** Adds `changes` (dimension, hour, key, status, messages) to every grain that its dimension is kept by. */
const ADD = `insert into public.message_counts as c (dimension, grain, slot, key, status, messages)
    select dimension, grain, floor(hour::float8 / size)::integer, key, status, sum(messages)
    from (select dimension, hour, key, status, sum(messages) as messages from changes group by 1, 2, 3, 4) as c
    cross join (values (${GRAIN.hour}, 1), (${GRAIN.day}, ${HOURS_PER_DAY}), (${GRAIN.block}, ${BLOCK})) as g (grain, size)
    where dimension <> 'domain' or grain <> ${GRAIN.hour}
    group by 1, 2, 3, 4, 5 having sum(messages) <> 0
    on conflict (dimension, grain, slot, key, status) do update set messages = c.messages + excluded.messages`;
const SUM = {
  name: "waybill-sum",
  text: `with taken as (
      delete from waybill.uncounted
      where ctid = any(array(select ctid from waybill.uncounted limit $1))
        and (select count(*) from (select from waybill.uncounted limit $2) as u) >= $2
      returning *),
    changes as (
      select t.dimension, u.* from taken as t
      cross join lateral unnest(t.hours, t.keys, t.statuses, t.messages) as u (hour, key, status, messages)),
    added as (${ADD})
    select count(*)::integer as taken from taken`,
};
/** How far back all is counted, and the last day before that with a message. */
const NEXT_DAY = `select c.behind, (
    select floor(extract(epoch from max(m.origin_ts)) / 86400)::integer from public.message_logs as m
    where m.origin_ts >= to_timestamp(${FIRST_DAY} * 86400.0) and m.origin_ts < to_timestamp(c.behind * 86400.0)) as day
  from waybill.counting as c`;
/**
 * What there is of the hours from $1 to $2, which are whole days, less what batches changed there, whether that is added
 * yet or not: in one statement, so of one moment.
 */
const COUNT_BEHIND = {
  name: "waybill-count-behind",
  text: `with changes as (
      ${Object.values(COUNT_MESSAGES).join("\n      union all\n")}
      union all
      select b.dimension, u.hour, u.key, u.status, -u.messages from waybill.uncounted as b
      cross join lateral unnest(b.hours, b.keys, b.statuses, b.messages) as u (hour, key, status, messages)
      where u.hour >= $1 and u.hour < $2
      union all
      select dimension, slot, key, status, -messages from public.message_counts
      where dimension <> 'domain' and grain = ${GRAIN.hour} and slot >= $1 and slot < $2
      union all
      select dimension, slot * ${HOURS_PER_DAY}, key, status, -messages from public.message_counts
      where dimension = 'domain' and grain = ${GRAIN.day}
        and slot >= $1 / ${HOURS_PER_DAY} and slot < $2 / ${HOURS_PER_DAY})
    ${ADD}`,
};

/**
 * Adds so many rows of `waybill.uncounted` at most to `message_counts`, in one transaction, unless there are fewer than
 * `least`: batches of the same hours make one row. Else counts a day of the messages from before. How much it did: 0 where
 * nothing was to be done, or another does it now. Throws what PostgreSQL threw, and then nothing has changed.
 */
export async function sumCounts(client: pg.Client, most: number, least = 1): Promise<number> {
  await client.query(BEGIN);
  try {
    const { rows } = await client.query<{ mine: boolean }>(LOCK);
    const done =
      rows[0]?.mine === true ? (await sumNoted(client, most, least)) || (await countBehind(client)) : 0;
    await client.query("commit");
    return done;
  } catch (error) {
    // Where the connection is gone, so is the transaction.
    await client.query("rollback").catch(() => {});
    throw error;
  }
}

async function sumNoted(client: pg.Client, most: number, least: number): Promise<number> {
  const { rows } = await client.query<{ taken: number }>({ ...SUM, values: [most, least] });
  return rows[0]?.taken ?? 0;
}

/** What was there before there were counts, day by day from the last on; 1 for a day. */
async function countBehind(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ behind: number; day: number | null }>(NEXT_DAY);
  const [next] = rows;
  if (next === undefined) return 0;
  const { behind, day } = next;
  // Where none is left, one may have been there that was moved or deleted since.
  const values = [(day ?? FIRST_DAY) * HOURS_PER_DAY, behind * HOURS_PER_DAY];
  await client.query({ ...COUNT_BEHIND, values });
  if (day === null) await client.query("delete from waybill.counting");
  else await client.query("update waybill.counting set behind = $1", [day]);
  return 1;
}
