/**
 * The limit of `waybill consume`: the same batches from the same queue through the same clients into the same two tables,
 * in a bare loop that reads no foreign body, replaces nothing, counts nothing, and loses what it meets an error with.
 */
import pg from "pg";
import { type AsyncMessage, Connection } from "rabbitmq-client";
import type { MessageRecord } from "../../../src-shared/record.ts";
import { serveTask } from "../task.ts";

type ConsumeLoopInput = {
  host: string;
  port: number;
  user: { name: string; password: string };
  queue: string;
  archive: string;
  batch: number;
  count: number;
};
export type ConsumeLoopTask = (input: ConsumeLoopInput) => Promise<null>;

const COLUMNS = `message_uuid uuid, session_id text, user_id text, channel text, status text, origin_ts timestamptz,
  sent_ts timestamptz, delivered_ts timestamptz, read_ts timestamptz, ack_ts timestamptz, source_subject_id text,
  destination_subject_ids text[], topic text, message_type text, template_id text, template_name text,
  external_id text, error_message text, content_preview text, message_data jsonb, message_metadata jsonb,
  revision integer`;
const NAMES = [...COLUMNS.matchAll(/(\w+) [a-z[\]]+/g)].map(([, name]) => name).join(", ");
const MESSAGES = `insert into message_logs (${NAMES})
  select ${NAMES} from json_to_recordset($1::json) as r (${COLUMNS}) on conflict (message_uuid) do nothing`;
const EVENTS = `insert into message_events (message_uuid, revision, status, ts, batch)
  select message_uuid, revision, status, origin_ts, 0 from json_to_recordset($1::json)
  as r (message_uuid uuid, revision integer, status text, origin_ts timestamptz) on conflict do nothing`;

serveTask<ConsumeLoopInput, null>(async ({ host, port, user, queue, archive, batch, count }) => {
  const client = new pg.Client({ connectionString: archive });
  await client.connect();
  const connection = new Connection({
    hostname: host,
    port,
    username: user.name,
    password: user.password,
    noDelay: true,
  });
  const channel = await connection.acquire();
  await channel.basicQos({ prefetchCount: 2 * batch });
  const waiting: AsyncMessage[] = [];
  let wake = (): void => {};
  await channel.basicConsume({ queue }, (message) => {
    waiting.push(message);
    wake();
  });
  for (let left = count; left > 0; ) {
    const size = Math.min(batch, left);
    while (waiting.length < size)
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    const taken = waiting.splice(0, size);
    const rows = JSON.stringify(taken.map(({ body }) => body as MessageRecord));
    await client.query("begin");
    await client.query({ name: "messages", text: MESSAGES, values: [rows] });
    await client.query({ name: "events", text: EVENTS, values: [rows] });
    await client.query("commit");
    const last = taken.at(-1);
    if (last !== undefined) channel.basicAck({ deliveryTag: last.deliveryTag, multiple: true });
    left -= size;
  }
  await channel.close();
  await connection.close();
  await client.end();
  return null;
});
