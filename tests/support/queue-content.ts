import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { Connection } from "rabbitmq-client";

/** A message as a consumer got it. */
export type Got = { id: string; revision: number; body: { message_uuid: string; revision: number } };

const QUIET_MS = 1_500;
const READY_MS = 10_000;

function connectTo(url: string): Connection {
  const { hostname, port, username, password, pathname } = new URL(url);
  return new Connection({
    hostname,
    port: Number(port),
    username: decodeURIComponent(username),
    password: decodeURIComponent(password),
    vhost: decodeURIComponent(pathname.slice(1)) || "/",
  });
}

/** Deletes a queue with what is in it. */
export async function deleteQueue(url: string, queue: string): Promise<void> {
  const connection = connectTo(url);
  try {
    await connection.queueDelete({ queue });
  } finally {
    await connection.close();
  }
}

/** Takes everything out of a queue, in its order. */
export async function drainQueue(url: string, queue: string): Promise<Got[]> {
  const connection = connectTo(url);
  let failure: unknown = null;
  connection.on("error", (error: unknown) => {
    failure = error;
  });
  const got: Got[] = [];
  const wrong: string[] = [];
  try {
    let last = Date.now();
    const consumer = connection.createConsumer(
      { queue, queueOptions: { passive: true }, qos: { prefetchCount: 2_000 } },
      (message) => {
        last = Date.now();
        const body = message.body as Got["body"];
        const { messageId = "", contentType, durable, type, appId } = message;
        const separator = messageId.lastIndexOf(":");
        const one = {
          id: messageId.slice(0, separator),
          revision: Number(messageId.slice(separator + 1)),
          body,
        };
        got.push(one);
        const isRight =
          contentType === "application/json" && durable === true && type === "message" && appId === "waybill";
        if (!isRight || one.id !== body.message_uuid || one.revision !== body.revision) wrong.push(messageId);
      },
    );
    await Promise.race([once(consumer, "ready"), pause(READY_MS)]);
    last = Date.now();
    while (failure === null) {
      await pause(100);
      if (Date.now() - last < QUIET_MS) continue;
      const { messageCount } = await connection.queueDeclare({ queue, passive: true });
      if (messageCount === 0) break;
    }
    await consumer.close();
  } finally {
    await connection.close();
  }
  if (failure !== null) throw failure;
  if (wrong.length > 0)
    throw new Error(`${wrong.length} messages are not as promised: ${wrong.slice(0, 5).join(", ")}`);
  return got;
}

export type QueueVerdict = {
  /** Changes that were accepted and never came. */
  missing: string[];
  /** What came and was never accepted. */
  unknown: string[];
  /** Messages of which a change first came after a later one, and those of which it last did. */
  disordered: string[];
  disorderedAtLast: string[];
  /** What came more than once. */
  duplicates: number;
};

/** Holds what came against the newest revision of each message: all of 1 to that one must be there, in order. */
export function judgeQueue(got: readonly Got[], newest: ReadonlyMap<string, number>): QueueVerdict {
  const seen = new Map<string, number[]>();
  const last = new Map<string, number[]>();
  const unknown: string[] = [];
  let duplicates = 0;
  for (const { id, revision } of got) {
    const most = newest.get(id);
    if (most === undefined || revision < 1 || revision > most) unknown.push(`${id}:${revision}`);
    const revisions = seen.get(id) ?? [];
    seen.set(id, revisions);
    if (revisions.includes(revision)) duplicates += 1;
    else revisions.push(revision);
    last.set(id, [...(last.get(id) ?? []).filter((each) => each !== revision), revision]);
  }
  const missing: string[] = [];
  for (const [id, most] of newest) {
    const revisions = seen.get(id) ?? [];
    for (let revision = 1; revision <= most; revision += 1)
      if (!revisions.includes(revision)) missing.push(`${id}:${revision}`);
  }
  return { missing, unknown, disordered: outOfOrder(seen), disorderedAtLast: outOfOrder(last), duplicates };
}

function outOfOrder(revisionsOf: ReadonlyMap<string, readonly number[]>): string[] {
  return [...revisionsOf]
    .filter(([, revisions]) =>
      revisions.some((revision, index) => index > 0 && revision < (revisions[index - 1] ?? 0)),
    )
    .map(([id]) => id);
}
