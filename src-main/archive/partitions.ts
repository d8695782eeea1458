import type pg from "pg";
import { archiveFailure } from "./connection.ts";

/** With fewer months ahead than that, so many as the second says are made at once: each has to wait for a short lock. */
const LEAST_MONTHS = 12;
const MONTHS = 24;

/** Makes the partitions of the months to come, where few are left; how many it made. Throws `SinkFailure`. */
export async function makePartitions(client: pg.Client): Promise<number> {
  try {
    const { rows } = await client.query<{ ahead: number }>(
      `select count(*)::integer as ahead
       from pg_catalog.pg_inherits as i join pg_catalog.pg_class as c on c.oid = i.inhrelid
       where i.inhparent = 'public.message_logs'::regclass
         and c.relname ~ '^message_logs_\\d{4}_\\d{2}$'
         and c.relname > 'message_logs_' || to_char(now() at time zone 'UTC', 'YYYY_MM')`,
    );
    if ((rows[0]?.ahead ?? 0) >= LEAST_MONTHS) return 0;
    // It waits for those who write, and they for it: not for long.
    await client.query("begin; set local lock_timeout = '5s'");
    const made = await client.query<{ made: number }>("select waybill_make_partitions($1) as made", [MONTHS]);
    await client.query("commit");
    return made.rows[0]?.made ?? 0;
  } catch (error) {
    await client.query("rollback").catch(() => {});
    throw archiveFailure(error, client);
  }
}
