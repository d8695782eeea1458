import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import WebSocket from "ws";
import type { MessageLogger } from "../../src-main/ledger/message-logger.ts";
import { redisOptions } from "../../src-main/redis/config.ts";
import { Ingest, type IngestSource } from "../../src-main/redis/ingest.ts";
import { ListSource } from "../../src-main/redis/list-source.ts";
import { StreamSource } from "../../src-main/redis/stream-source.ts";
import { WaybillError } from "../../src-shared/errors.ts";
import { countMessages, eventually, inspect, openLogger, rows } from "../support/ledger.ts";
import { freePorts } from "../support/rabbitmq.ts";
import { hasRedis, type RedisServer, sharedRedis } from "../support/redis.ts";
import { type Host, startHost } from "./support/host.ts";

const QUEUE = "MESSAGES";
const TIMES = { leaseMs: 600, renewMs: 150 };
const server = sharedRedis();
let redis: RedisServer;

beforeEach(async () => {
  if (!hasRedis) return;
  redis = await server();
  redis.cli("flushall");
});

/** The nine columns, as the message exchange's writers push them. */
function exchange(number: number, overrides: Record<string, unknown> = {}) {
  return {
    message_uuid: randomUUID(),
    origin_ts: "2026-05-27T10:30:00Z",
    ack_ts: "2026-05-27T10:30:01Z",
    message_data: { number },
    source_subject_id: "subject-A",
    destination_subject_ids: ["subject-B"],
    topic: "greetings",
    message_type: "chat",
    message_metadata: { priority: "high" },
    ...overrides,
  };
}

/** By the client of Redis itself, at the end that those writers push to. */
function push(bodies: readonly unknown[]): void {
  for (let start = 0; start < bodies.length; start += 200) {
    const texts = bodies.slice(start, start + 200);
    redis.cli(
      "rpush",
      QUEUE,
      ...texts.map((body) => (typeof body === "string" ? body : JSON.stringify(body))),
    );
  }
}

function options() {
  const found = redisOptions({ REDIS_URL: redis.url });
  if (found === null) throw new Error("Redis is off");
  return found;
}

function listSource(worker = "worker-a"): ListSource {
  return new ListSource(options(), QUEUE, worker, TIMES);
}

function startIngest(source: IngestSource, ledger: Pick<MessageLogger, "logMessages">) {
  const said: string[] = [];
  const ingest = new Ingest({ source, ledger, log: (_level, message) => said.push(message) });
  onTestFinished(() => ingest.close());
  return { ingest, said };
}

const llen = (key: string): number => Number(redis.cli("llen", key));
const held = (worker = "worker-a"): number => llen(`${QUEUE}:processing:${worker}`);

function deadLetters(source = QUEUE): Record<string, unknown>[] {
  const text = redis.cli("lrange", `${source}:dead`, "0", "-1");
  return text === "" ? [] : text.split("\n").map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** The numbers of the messages in the order in which the ledger accepted them. */
function numbersIn(dataDir: string): number[] {
  return inspect(dataDir, (database) =>
    rows<{ number: number }>(
      database,
      "SELECT json_extract(message_data, '$.number') AS number FROM message_logs ORDER BY seq",
    ),
  ).map(({ number }) => number);
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe.skipIf(!hasRedis)("a list", () => {
  test("is taken from its left in true order, whole, and is empty after it", async () => {
    const logger = await openLogger();
    push(upTo(1_200).map((number) => exchange(number)));
    const { ingest } = startIngest(listSource(), logger);
    await eventually(async () => expect(await countMessages(logger)).toBe(1_200), 10_000);
    await eventually(() => expect([llen(QUEUE), held()]).toEqual([0, 0]));
    expect(numbersIn(logger.dataDir)).toEqual(upTo(1_200));
    expect(ingest.state).toMatchObject({ state: "running", accepted: 1_200, duplicates: 0, dead: 0 });

    const late = { ...exchange(1_200), request_id: "kept", ack_ts: null };
    push([late]);
    const found = await eventually(async () => {
      const message = await logger.getMessage(late.message_uuid);
      if (message === null) throw new Error("Not there yet");
      return message.message;
    });
    const { request_id: _foreign, message_metadata, ...columns } = late;
    expect(found).toMatchObject({
      ...columns,
      origin_ts: "2026-05-27T10:30:00.000Z",
      message_metadata: { ...message_metadata, request_id: "kept" },
    });
  });

  test("puts bad messages aside with the reason, and none of them stops the rest", async () => {
    const logger = await openLogger();
    const tooLarge = exchange(7, { message_data: { text: "x".repeat(90_000) } });
    push([
      exchange(0),
      "no json",
      exchange(1, { message_uuid: "not a uuid" }),
      '"a text"',
      '{"nothing":"that is known"}',
      `${"[".repeat(20_000)}${"]".repeat(20_000)}`,
      `{"message_uuid":"${randomUUID()}","message_data":${'{"a":'.repeat(9_000)}1${"}".repeat(9_000)}}`,
      exchange(2, { destination_subject_ids: "subject-C" }),
      tooLarge,
    ]);
    redis.pipe("\xff\xfe", "rpush", QUEUE);
    push([exchange(8)]);
    const { said } = startIngest(listSource(), logger);
    await eventually(async () => expect(await countMessages(logger, "topic:greetings")).toBe(4));
    await eventually(() => expect([llen(QUEUE), held()]).toEqual([0, 0]));
    const letters = deadLetters();
    expect(letters.map(({ body }) => body)).toEqual(
      expect.arrayContaining(["no json", '"a text"', '{"nothing":"that is known"}']),
    );
    for (const letter of letters) expect(letter).toMatchObject({ reason: expect.any(String), source: QUEUE });
    expect(letters.find(({ body }) => body === "no json")?.reason).toMatch(/not JSON/);
    expect(letters.find(({ body }) => String(body).includes("not a uuid"))?.reason).toMatch(/message_uuid/);
    expect(said.join()).toMatch(/went to MESSAGES:dead/);
  });

  test("takes the bodies of the other systems, and names those that bring no id by their content", async () => {
    const logger = await openLogger();
    const turn = { user_id: 7, message: "Hello", response: "Hi", timestamp: "2026-01-01T10:00:00" };
    const event = {
      session_id: 123,
      event_type: "login",
      payload: { a: 1 },
      timestamp: "2026-01-01T10:00:00Z",
    };
    push([turn, event, turn, { ...event, payload: { a: 2 } }]);
    const { ingest } = startIngest(listSource(), logger);
    await eventually(() => expect(ingest.state).toMatchObject({ accepted: 4, duplicates: 1 }));
    expect(await countMessages(logger)).toBe(3);
    const { messages } = await logger.searchMessages({ q: "type:chat_turn" });
    expect(messages).toMatchObject([{ user_id: "7", channel: "chat", message_data: { message: "Hello" } }]);
  });

  test("holds one message where one uuid is delivered again", async () => {
    const logger = await openLogger();
    const one = exchange(1);
    push([one, one, exchange(2), one]);
    const { ingest } = startIngest(listSource(), logger);
    await eventually(() => expect(ingest.state).toMatchObject({ accepted: 4, duplicates: 2 }));
    expect(numbersIn(logger.dataDir)).toEqual([1, 2]);
  });

  test("keeps what the ledger can't accept, waits, and goes on where it was", async () => {
    const logger = await openLogger();
    let refuses = true;
    const ledger: Pick<MessageLogger, "logMessages"> = {
      logMessages: (list) =>
        refuses
          ? Promise.reject(new WaybillError("cannot_accept", "The disk is full."))
          : logger.logMessages(list),
    };
    push([exchange(0), exchange(1)]);
    const { ingest, said } = startIngest(listSource(), ledger);
    await eventually(() =>
      expect(ingest.state).toMatchObject({
        state: "waiting",
        problem: "The disk is full.",
        last_error: { message: "The disk is full." },
      }),
    );
    // Longer than a lease: it is alive and renews it, so nobody takes what it holds.
    await pause(2 * TIMES.leaseMs);
    push([exchange(2)]);
    expect([llen(QUEUE), held()]).toEqual([1, 2]);
    await eventually(() => expect(ingest.state.depth).toBe(3), 10_000);
    refuses = false;
    await eventually(() => expect(numbersIn(logger.dataDir)).toEqual([0, 1, 2]), 10_000);
    await eventually(() => expect([llen(QUEUE), held()]).toEqual([0, 0]));
    // What was wrong last is told also when it is over.
    expect(ingest.state).toMatchObject({ accepted: 3, last_error: { message: "The disk is full." } });
    expect(said).toEqual([
      expect.stringMatching(/nothing is lost: The disk is full/) as string,
      expect.stringMatching(/again/) as string,
    ]);
  });

  test("waits where bad messages can't be put aside, says so once, and loses none", async () => {
    const logger = await openLogger();
    redis.cli("set", `${QUEUE}:dead`, "in the way");
    push([exchange(0), "no json", exchange(1)]);
    const { ingest, said } = startIngest(listSource(), logger);
    const problem = expect.stringMatching(/another type/) as string;
    await eventually(() => expect(ingest.state).toMatchObject({ state: "waiting", problem }));
    await pause(2_500);
    expect(said).toHaveLength(1);
    expect(held()).toBe(3);
    redis.cli("del", `${QUEUE}:dead`);
    await eventually(() => expect(ingest.state).toMatchObject({ state: "running", dead: 1 }), 10_000);
    expect(numbersIn(logger.dataDir)).toEqual([0, 1]);
    expect(deadLetters()).toMatchObject([{ body: "no json" }]);
    expect([llen(QUEUE), held()]).toEqual([0, 0]);
  });

  test("takes first what it held when it died, whether the ledger had accepted that or not", async () => {
    const logger = await openLogger();
    push(upTo(6).map((number) => exchange(number)));
    const first = listSource();
    await first.open();
    const taken = await first.take();
    expect(taken).toHaveLength(6);
    // It dies after the ledger accepted the half of it.
    await logger.logMessages(
      taken.slice(0, 3).map(({ body }) => JSON.parse(body.toString("utf8")) as object),
    );
    await first.close(false);
    push([exchange(6)]);
    const { ingest } = startIngest(listSource(), logger);
    await eventually(() => expect(numbersIn(logger.dataDir)).toEqual(upTo(7)), 10_000);
    await eventually(() => expect(ingest.state).toMatchObject({ accepted: 7, duplicates: 3 }));
    expect([llen(QUEUE), held()]).toEqual([0, 0]);
  });

  test("gets back what a dead worker held, before what came later, and not what a living one holds", async () => {
    push(upTo(4).map((number) => exchange(number)));
    const dead = listSource("worker-dead");
    await dead.open();
    expect(await dead.take()).toHaveLength(4);
    await dead.close(false);
    push([exchange(5)]);
    const living = listSource("worker-living");
    await living.open();
    onTestFinished(() => living.close(true));
    const takenByLiving = await living.take();
    expect(takenByLiving).toHaveLength(1);
    push([exchange(4)]);

    const logger = await openLogger();
    startIngest(listSource("worker-b"), logger);
    await eventually(() => expect(numbersIn(logger.dataDir)).toHaveLength(5), 10_000);
    expect(numbersIn(logger.dataDir).filter((number) => number < 4)).toEqual(upTo(4));
    expect([held("worker-dead"), held("worker-living")]).toEqual([0, 1]);
    expect(redis.cli("smembers", `${QUEUE}:workers`).split("\n").sort()).toEqual([
      "worker-b",
      "worker-living",
    ]);
  });

  test("is not touched any more by one that another has followed under its name", async () => {
    push(upTo(3).map((number) => exchange(number)));
    const stalled = listSource();
    await stalled.open();
    expect(await stalled.take()).toHaveLength(3);
    // Nobody renewed its lease for a while, as in a process that was stopped; another host starts.
    redis.cli("del", `${QUEUE}:worker:worker-a`);
    const next = listSource();
    await next.open();
    onTestFinished(() => next.close(true));
    const taken = await next.take();
    expect(taken).toHaveLength(3);
    await expect(stalled.settle(taken, [])).rejects.toThrow(/Another host/);
    await expect(stalled.take()).rejects.toThrow(/Another host/);
    await stalled.close(true);
    expect(held()).toBe(3);
    await next.settle(taken, []);
    expect(held()).toBe(0);
    await expect(listSource().open()).rejects.toThrow(/lease runs out/);
  });

  test("is shared by workers, each message in one of them", async () => {
    const [one, two] = [await openLogger(), await openLogger()];
    const a = startIngest(listSource("worker-a"), one);
    const b = startIngest(listSource("worker-b"), two);
    for (let round = 0; round < 20; round += 1) push(upTo(50).map((number) => exchange(round * 50 + number)));
    await eventually(() => expect(a.ingest.state.accepted + b.ingest.state.accepted).toBe(1_000), 10_000);
    const numbers = [...numbersIn(one.dataDir), ...numbersIn(two.dataDir)];
    expect(numbers.sort((x, y) => x - y)).toEqual(upTo(1_000));
    expect(a.ingest.state.duplicates + b.ingest.state.duplicates).toBe(0);
  });

  test("loses nothing and doubles nothing while Redis is killed again and again", async () => {
    const logger = await openLogger();
    const { ingest, said } = startIngest(listSource(), logger);
    let pushed = 0;
    for (let round = 0; round < 3; round += 1) {
      push(upTo(800).map((number) => exchange(pushed + number)));
      pushed += 800;
      await redis.kill9();
      await pause(100);
      await redis.restart();
    }
    await eventually(() => expect(numbersIn(logger.dataDir)).toHaveLength(pushed), 30_000);
    expect(numbersIn(logger.dataDir)).toEqual(upTo(pushed));
    await eventually(() => expect([llen(QUEUE), held()]).toEqual([0, 0]));
    expect(ingest.state.state).toBe("running");
    expect(said.join()).not.toContain(redis.password);
  });
});

describe.skipIf(!hasRedis)("a stream", () => {
  const STREAM = "messages";
  const GROUP = "waybill";
  const add = (body: unknown): string =>
    redis.cli("xadd", STREAM, "*", "body", typeof body === "string" ? body : JSON.stringify(body));
  const streamSource = (consumer = "worker-a", deadMs = 60_000): StreamSource =>
    new StreamSource(options(), STREAM, GROUP, consumer, deadMs);
  const pending = (): number => Number(redis.cli("xpending", STREAM, GROUP).split("\n")[0]);

  test("is taken from its first entry, and acknowledged when the ledger has accepted it", async () => {
    const logger = await openLogger();
    add(exchange(0));
    const { ingest } = startIngest(streamSource(), logger);
    for (const number of [1, 2, 3]) add(exchange(number));
    const turn = { user_id: 7, message: "Hello", response: "Hi", timestamp: "2026-01-01T10:00:00" };
    add(turn);
    add(turn);
    await eventually(() => expect(ingest.state).toMatchObject({ accepted: 6, duplicates: 0, depth: 0 }));
    expect(numbersIn(logger.dataDir).slice(0, 4)).toEqual(upTo(4));
    await eventually(() => expect(pending()).toBe(0));
  });

  test("puts aside what is no message, and what was cut off before it was logged", async () => {
    const logger = await openLogger();
    const { ingest } = startIngest(streamSource(), logger);
    add("no json");
    redis.cli("xadd", STREAM, "*", "text", "Hello");
    add(exchange(1));
    await eventually(() => expect(ingest.state).toMatchObject({ accepted: 1, dead: 2 }));
    await ingest.close();
    expect(deadLetters(STREAM).map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/not JSON/),
      expect.stringMatching(/no field body/),
    ]);

    const gone = streamSource();
    const id = add(exchange(2));
    await gone.open();
    expect(await gone.take()).toHaveLength(1);
    await gone.close();
    redis.cli("xdel", STREAM, id);
    const again = startIngest(streamSource(), logger);
    await eventually(() => expect(again.ingest.state.dead).toBe(1));
    expect(deadLetters(STREAM).at(-1)).toMatchObject({ id, reason: expect.stringMatching(/cut off/) });
    await eventually(() => expect(pending()).toBe(0));
  });

  test("gives again what was taken and not acknowledged, to the same and to another consumer", async () => {
    const logger = await openLogger();
    for (const number of upTo(4)) add(exchange(number));
    const unread = streamSource("worker-b");
    await unread.open();
    expect(await unread.depth()).toBe(4);
    await unread.close();
    const [own, other] = [streamSource("worker-a"), streamSource("worker-dead")];
    await own.open();
    const taken = await own.take();
    expect(taken).toHaveLength(4);
    await logger.logMessages(
      taken.slice(0, 2).map(({ body }) => JSON.parse(body.toString("utf8")) as object),
    );
    await own.close();
    add(exchange(4));
    await other.open();
    expect(await other.take()).toHaveLength(1);
    // Taken is not logged: all of them still wait.
    expect(await other.depth()).toBe(5);
    await other.close();

    const { ingest } = startIngest(streamSource("worker-a", 300), logger);
    await eventually(() => expect(numbersIn(logger.dataDir)).toEqual(upTo(5)), 10_000);
    await eventually(() => expect(ingest.state).toMatchObject({ accepted: 5, duplicates: 2 }));
    await eventually(() => expect(pending()).toBe(0));
  });

  test("survives the kill of Redis, and the loss of its group", async () => {
    const logger = await openLogger();
    startIngest(streamSource(), logger);
    for (const number of upTo(20)) add(exchange(number));
    await redis.restart();
    for (const number of upTo(20)) add(exchange(20 + number));
    await eventually(() => expect(numbersIn(logger.dataDir)).toEqual(upTo(40)), 15_000);
    redis.cli("del", STREAM);
    add(exchange(40));
    await eventually(() => expect(numbersIn(logger.dataDir)).toEqual(upTo(41)), 15_000);
  });
});

describe.skipIf(!hasRedis)("a host", () => {
  const start = (dataDir?: string, env: Record<string, string> = {}): Promise<Host> =>
    startHost({
      ...(dataDir === undefined ? {} : { dataDir }),
      env: { REDIS_URL: redis.url, REDIS_QUEUE: QUEUE, REDIS_STREAM: "messages", ...env },
    });

  test("takes in what REDIS_QUEUE and REDIS_STREAM name, and tells how that stands", async () => {
    const host = await start();
    const running = { state: "running", problem: null, depth: 0, last_error: null };
    push([exchange(1), "no json"]);
    redis.cli("xadd", "messages", "*", "body", JSON.stringify(exchange(2)));
    await eventually(async () => {
      const { json } = await host.request("/redis_status");
      expect(json.ingest).toEqual([
        { source: QUEUE, kind: "list", ...running, accepted: 1, duplicates: 0, dead: 1 },
        { source: "messages", kind: "stream", ...running, accepted: 1, duplicates: 0, dead: 0 },
      ]);
      expect((await host.request("/sync")).json.ingests).toEqual(json.ingest);
    });
    const { json } = await host.request("/messages/subject/subject-A");
    expect(json.messages).toHaveLength(2);
    expect(await host.stop()).toBe(0);
    // Given back, so that its next start need not wait.
    expect(redis.cli("--scan", "--pattern", `${QUEUE}:worker:*`)).toBe("");
  });

  test("says what is wrong where it is not set up rightly, and nothing where it is not set up", async () => {
    const env = { REDIS_QUEUE: QUEUE, REDIS_STREAM: "messages" };
    const stopped = { state: "stopped", accepted: 0, dead: 0, depth: null };
    for (const [REDIS_URL, problem] of [
      ["", /REDIS_URL is not set/],
      ["localhost", /REDIS_URL can't be read/],
    ] as const) {
      const host = await startHost({ env: { ...env, REDIS_URL } });
      const { json } = await host.request("/sync");
      expect(json.ingests).toMatchObject([
        { source: QUEUE, kind: "list", ...stopped, problem: expect.stringMatching(problem) },
        { source: "messages", kind: "stream", ...stopped, problem: expect.stringMatching(problem) },
      ]);
    }
    expect((await (await startHost()).request("/sync")).json.ingests).toEqual([]);
  });

  test("tells old clients each message that writers push, as the message exchange did", async () => {
    const [port = 0] = await freePorts(1);
    await start(undefined, { LEGACY_WEBSOCKET_PORT: String(port) });
    const socket = new WebSocket(`ws://localhost:${port}`);
    const heard: unknown[] = [];
    socket.on("message", (data) => heard.push(JSON.parse(String(data))));
    await once(socket, "open");
    await pause(300);
    const message = exchange(1, {
      origin_ts: "2026-05-27T10:30:00.000Z",
      ack_ts: "2026-05-27T10:30:01.000Z",
    });
    push([message]);
    await eventually(() => expect(heard).toEqual([message]));
  });

  test("waits where another host of its ledger takes in, and follows one that is killed", async () => {
    const first = await start();
    const running = (host: Host, state: string) =>
      eventually(async () => {
        const { json } = await host.request("/redis_status");
        expect(json.ingest[0]).toMatchObject({ source: QUEUE, state });
      }, 15_000);
    await running(first, "running");
    const second = await start(first.dataDir);
    await running(second, "waiting");
    await first.stop("SIGKILL");
    push([exchange(1)]);
    await running(second, "running");
    await eventually(() => expect(numbersIn(first.dataDir)).toEqual([1]));
  });

  test("loses nothing and doubles nothing when it is killed while it takes in", async () => {
    let host = await start();
    const { dataDir } = host;
    let pushed = 0;
    const left: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      push(upTo(4_000).map((number) => exchange(pushed + number)));
      const before = pushed;
      pushed += 4_000;
      await eventually(() => expect(numbersIn(dataDir).length).toBeGreaterThan(before), 30_000);
      await host.stop("SIGKILL");
      left.push(pushed - numbersIn(dataDir).length);
      host = await start(dataDir);
    }
    // It was killed in the midst of it.
    expect(Math.max(...left)).toBeGreaterThan(0);
    await eventually(() => expect(numbersIn(dataDir)).toHaveLength(pushed), 40_000);
    expect(numbersIn(dataDir)).toEqual(upTo(pushed));
    await eventually(() => expect(redis.cli("--scan", "--pattern", `${QUEUE}:processing:*`)).toBe(""));
    expect(llen(QUEUE)).toBe(0);
    const { json } = await host.request("/health");
    expect(json.status).toBe("ok");
  });
});
