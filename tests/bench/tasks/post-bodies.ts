/** Sends prepared NDJSON bodies over a few connections that stay open. */
import { makeRecord, type Shape } from "../data/records.ts";
import { HttpClient } from "../http-client.ts";
import { collectGarbage, serveTask } from "../task.ts";
import { timeOfDay } from "../time-of-day.ts";

type PostBodiesInput = {
  url: string;
  token: string;
  shape: Shape;
  /** The place of the first record, so that no record is sent twice. */
  first: number;
  count: number;
  perBody: number;
  connections: number;
};
/** Times of the day in milliseconds, which other processes have as well. */
type PostBodiesOutput = { startedMs: number; endedMs: number; bytes: number };
export type PostBodiesTask = (input: PostBodiesInput) => Promise<PostBodiesOutput>;

serveTask<PostBodiesInput, PostBodiesOutput>(async (input) => {
  const { shape, first, count, perBody, connections } = input;
  const bodies: { records: number; body: Buffer }[] = [];
  for (let start = 0; start < count; start += perBody) {
    const records = Math.min(perBody, count - start);
    const lines = Array.from({ length: records }, (_, offset) =>
      JSON.stringify(makeRecord(shape, first + start + offset).record),
    );
    bodies.push({ records, body: Buffer.from(`${lines.join("\n")}\n`) });
  }
  const bytes = bodies.reduce((sum, { body }) => sum + body.length, 0);
  const client = new HttpClient(input.url, input.token, connections);
  collectGarbage();
  const startedMs = timeOfDay();
  const sendNext = async (): Promise<void> => {
    for (let next = bodies.shift(); next !== undefined; next = bodies.shift()) {
      const reply = await client.post("/messages", next.body, "application/x-ndjson");
      const { accepted } = JSON.parse(reply.body.toString()) as { accepted: number };
      if (accepted !== next.records) throw new Error(`${accepted} of ${next.records} records were accepted`);
    }
  };
  await Promise.all(Array.from({ length: connections }, sendNext));
  const endedMs = timeOfDay();
  client.close();
  return { startedMs, endedMs, bytes };
});
