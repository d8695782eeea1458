import { performance } from "node:perf_hooks";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { ChatContext } from "../../src-main/redis/chat-context.ts";
import { contextSettings, redisOptions } from "../../src-main/redis/config.ts";
import { eventually } from "../support/ledger.ts";
import { hasRedis, type RedisServer, sharedRedis } from "../support/redis.ts";

const server = sharedRedis();
let redis: RedisServer;
const uid = "anna@example.com:weather_bot";

async function openContext(
  environment: Record<string, string> = {},
): Promise<{ context: ChatContext; told: (string | null)[] }> {
  const told: (string | null)[] = [];
  const context = await ChatContext.open({ REDIS_URL: redis.url, ...environment }, (problem) =>
    told.push(problem),
  );
  if (context === null) throw new Error("Redis is off");
  onTestFinished(() => context.close());
  return { context, told };
}

describe.skipIf(!hasRedis)("the context of chats", () => {
  beforeEach(async () => {
    redis = await server();
    redis.cli("flushall");
  });

  test("keeps what the eight methods of RedisManager kept, under its keys and for its times", async () => {
    const { context } = await openContext();
    expect(await context.getUserData(uid)).toBeNull();
    expect(await context.getMemory(uid)).toBeNull();
    expect(await context.getChatHistory(uid)).toEqual([]);

    expect(await context.storeUserData(uid, { name: "Anna" })).toBe(true);
    expect(await context.storeMemory(uid, { likes: ["rain"] })).toBe(true);
    for (const number of [1, 2, 3]) expect(await context.storeChatHistory(uid, { number })).toBe(true);

    expect(redis.cli("--scan").split("\n").sort()).toEqual([
      `chats_idx:${uid}`,
      `chats_idx:memory:${uid}`,
      `chats_idx:user_data:${uid}`,
    ]);
    expect(JSON.parse(redis.cli("get", `chats_idx:user_data:${uid}`))).toEqual({ name: "Anna" });
    expect(redis.cli("lrange", `chats_idx:${uid}`, "0", "-1").split("\n")).toEqual([
      '{"number":3}',
      '{"number":2}',
      '{"number":1}',
    ]);
    const seconds = (key: string): number => Number(redis.cli("ttl", key));
    expect(seconds(`chats_idx:user_data:${uid}`)).toBeGreaterThan(3_590);
    expect(seconds(`chats_idx:user_data:${uid}`)).toBeLessThanOrEqual(3_600);
    expect(seconds(`chats_idx:${uid}`)).toBeGreaterThan(86_390);
    expect(seconds(`chats_idx:memory:${uid}`)).toBeGreaterThan(604_790);

    expect(await context.getUserData(uid)).toEqual({ name: "Anna" });
    expect(await context.getMemory(uid)).toEqual({ likes: ["rain"] });
    expect(await context.getChatHistory(uid, 2)).toEqual([{ number: 3 }, { number: 2 }]);
    expect(await context.clearUserData(uid)).toBe(true);
    expect(await context.clearUserData(uid)).toBe(false);
    expect(await context.clearMemory(uid)).toBe(true);
    expect(await context.getMemory(uid)).toBeNull();
    expect(context.problem).toBeNull();
  });

  test("takes its times and the length of a history from the settings, or from the call", async () => {
    const { context } = await openContext({
      REDIS_USER_DATA_TTL: "11",
      REDIS_CHAT_HISTORY_TTL: "12",
      REDIS_MEMORY_TTL: "13",
      REDIS_CHAT_HISTORY_LENGTH: "5",
    });
    await context.storeUserData(uid, {});
    await context.storeMemory(uid, {}, 99);
    for (let number = 1; number <= 20; number += 1) await context.storeChatHistory(uid, { number });
    expect(Number(redis.cli("ttl", `chats_idx:user_data:${uid}`))).toBeLessThanOrEqual(11);
    expect(Number(redis.cli("ttl", `chats_idx:memory:${uid}`))).toBeGreaterThan(90);
    expect(Number(redis.cli("ttl", `chats_idx:${uid}`))).toBeLessThanOrEqual(12);
    const numbers = (await context.getChatHistory(uid)).map(({ number }) => number);
    expect(numbers).toEqual([20, 19, 18, 17, 16]);
  });

  test("leaves out what another program put there and is no object", async () => {
    const { context } = await openContext();
    redis.cli("rpush", `chats_idx:${uid}`, "no json", '{"number":1}', "[]");
    redis.cli("set", `chats_idx:memory:${uid}`, "{");
    expect(await context.getChatHistory(uid)).toEqual([{ number: 1 }]);
    expect(await context.getMemory(uid)).toBeNull();
    redis.cli("set", `chats_idx:${uid}x`, "a text");
    expect(await context.getChatHistory(`${uid}x`)).toEqual([]);
    expect(context.problem).toMatch(/another type/);
  });

  test("never rejects while Redis is killed, fails at once, and is back by itself", async () => {
    const { context, told } = await openContext();
    onTestFinished(() => redis.restart());
    expect(await context.storeMemory(uid, { kept: true })).toBe(true);
    await redis.kill9();
    const began = performance.now();
    for (let count = 0; count < 50; count += 1) {
      expect(await context.storeUserData(uid, {})).toBe(false);
      expect(await context.getChatHistory(uid)).toEqual([]);
      expect(await context.clearMemory(uid)).toBe(false);
    }
    expect(performance.now() - began).toBeLessThan(1_000);
    await eventually(async () => {
      await context.getMemory(uid);
      expect(context.problem).toMatch(/refuses connections on port/);
    });
    await redis.restart();
    await eventually(async () => expect(await context.getMemory(uid)).toEqual({ kept: true }), 10_000);
    expect(context.problem).toBeNull();
    expect(told).toEqual([expect.any(String), null]);
  });

  test("waits two seconds at most for a Redis that is there and says nothing", async () => {
    const { context } = await openContext();
    redis.freeze();
    onTestFinished(() => redis.thaw());
    const began = performance.now();
    expect(await context.storeUserData(uid, {})).toBe(false);
    expect(performance.now() - began).toBeLessThan(3_000);
    expect(context.problem).toMatch(/did not answer in time/);
    redis.thaw();
    await eventually(async () => expect(await context.storeUserData(uid, {})).toBe(true), 10_000);
  });

  test("says what is wrong with the password and the address, without telling them", async () => {
    const { context } = await openContext({ REDIS_URL: `redis://:wr0ng-secret@127.0.0.1:${redis.port}` });
    expect(await context.storeUserData(uid, {})).toBe(false);
    expect(context.problem).toMatch(/user or the password/);
    expect(context.problem).not.toContain("wr0ng");
    const nowhere = await openContext({ REDIS_URL: "redis://:s3cret@redis.invalid:6379" });
    expect(nowhere.context.problem).toMatch(/no host named redis.invalid/);
    expect(nowhere.context.problem).not.toContain("s3cret");
  });
});

describe("the settings of Redis", () => {
  test("are off without REDIS_URL", async () => {
    expect(redisOptions({})).toBeNull();
    expect(redisOptions({ REDIS_URL: " " })).toBeNull();
    expect(await ChatContext.open({})).toBeNull();
  });

  test("are read from a URL", () => {
    expect(redisOptions({ REDIS_URL: "rediss://us%2Fer:p%40ss@redis.example:7000/3" })).toEqual({
      host: "redis.example",
      port: 7_000,
      database: 3,
      user: "us/er",
      password: "p@ss",
      tls: { caFile: null, certFile: null, keyFile: null },
    });
    expect(redisOptions({ REDIS_URL: "redis://[::1]" })).toMatchObject({
      host: "::1",
      port: 6_379,
      database: 0,
    });
  });

  test.each([
    "http://host",
    "host:6379",
    "redis://",
    "redis://:s3cret@h/x",
    "redis://:s3cret%@h",
    "redis://:s3/cret@h",
  ])("refuse %s without telling it", (REDIS_URL) => {
    expect(() => redisOptions({ REDIS_URL })).toThrow(/REDIS_URL/);
    expect(() => redisOptions({ REDIS_URL })).not.toThrow(/s3/);
  });

  test("name files for TLS, where it is asked for", () => {
    const files = { REDIS_CA_FILE: "/ca.pem", REDIS_CERT_FILE: "/own.pem", REDIS_KEY_FILE: "/own.key" };
    expect(redisOptions({ REDIS_URL: "rediss://host", ...files })?.tls).toEqual({
      caFile: "/ca.pem",
      certFile: "/own.pem",
      keyFile: "/own.key",
    });
    expect(() => redisOptions({ REDIS_URL: "redis://host", REDIS_CA_FILE: "/ca.pem" })).toThrow(/rediss:/);
    expect(() => redisOptions({ REDIS_URL: "rediss://host", REDIS_CERT_FILE: "/own.pem" })).toThrow(
      /REDIS_CERT_FILE and REDIS_KEY_FILE go together/,
    );
  });

  test("must be whole numbers", () => {
    expect(() => contextSettings({ REDIS_MEMORY_TTL: "1 day" })).toThrow(/REDIS_MEMORY_TTL is "1 day"/);
    expect(() => contextSettings({ REDIS_CHAT_HISTORY_LENGTH: "0" })).toThrow(/from 1 to/);
  });
});
