import { randomUUID } from "node:crypto";
import { performance } from "node:perf_hooks";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { ChatLog } from "../../src-main/chat/chat-log.ts";
import { ChatLogger } from "../../src-main/chat/chat-logger.ts";
import type { MessageLogger } from "../../src-main/ledger/message-logger.ts";
import { WaybillError } from "../../src-shared/errors.ts";
import { eventually, openLogger, temporaryDirectory } from "../support/ledger.ts";
import { hasRedis, type RedisServer, sharedRedis } from "../support/redis.ts";
import { startHost } from "./support/host.ts";

const server = sharedRedis();
let redis: RedisServer;
beforeEach(async () => {
  if (!hasRedis) return;
  redis = await server();
  redis.cli("flushall");
});

/** The basic and the advanced example of the document. */
const BASIC = {
  user_id: "user@example.com:bot_id",
  user_input: "Hello, how are you?",
  bot_reply: "I'm doing well, thank you!",
  bot_id: "weather_bot",
  email: "user@example.com",
  platform: "web",
};
const ADVANCED = {
  ...BASIC,
  user_input: "What's the weather like?",
  bot_reply: "It's sunny and 75°F in New York.",
  platform: "mobile",
  memory: {
    conversation_context: "weather_discussion",
    user_preferences: { location: "New York" },
    session_id: "session_123",
  },
  mem_id: "mem_123",
};
const OFF = { redis: "off", rabbitmq: "off", supabase: "off" };

describe("a turn of a chat", () => {
  test("is accepted by the ledger with all it brings, and what is off is said to be off", async () => {
    const host = await startHost();
    const before = Date.now();
    const { status, json } = await host.request("/chat", { body: { ...ADVANCED, device: "phone" } });
    expect(status).toBe(202);
    expect(json).toEqual({
      success: true,
      message_uuid: expect.any(String),
      ledger: "stored",
      ...OFF,
      errors: [],
    });
    const { json: message } = await host.request(`/messages/${json.message_uuid}`);
    expect(message).toMatchObject({
      channel: "chat",
      message_type: "chat_turn",
      status: "delivered",
      user_id: "user@example.com:bot_id",
      source_subject_id: "user@example.com",
      destination_subject_ids: ["weather_bot"],
      content_preview: "What's the weather like?",
      message_data: {
        message: ADVANCED.user_input,
        response: ADVANCED.bot_reply,
        memory: ADVANCED.memory,
        mem_id: "mem_123",
      },
      message_metadata: {
        platform: "mobile",
        email: "user@example.com",
        bot_id: "weather_bot",
        device: "phone",
      },
    });
    expect(Date.parse(message.origin_ts)).toBeGreaterThanOrEqual(before);

    const at = "2026-01-31T09:30:00.000Z";
    const timed = await host.request("/chat", { body: { ...BASIC, requested_time: at } });
    const { json: old } = await host.request(`/messages/${timed.json.message_uuid}`);
    expect(old.origin_ts).toBe(at);
  });

  test("is one message for one uuid", async () => {
    const host = await startHost();
    const body = { ...BASIC, message_uuid: randomUUID() };
    for (let count = 0; count < 2; count += 1) {
      const { json } = await host.request("/chat", { body });
      expect(json).toMatchObject({ success: true, message_uuid: body.message_uuid });
    }
    const { json } = await host.request("/messages?q=type:chat_turn");
    expect(json.messages).toHaveLength(1);
  });

  test("is refused with what is wrong, and without the token", async () => {
    const host = await startHost();
    const { user_id: _user, ...nobody } = BASIC;
    const missing = await host.request("/chat", { body: nobody });
    expect(missing.status).toBe(422);
    expect(missing.json.error.message).toMatch(/user_id/);
    expect((await host.request("/chat", { body: { ...BASIC, memory: "text" } })).status).toBe(422);
    expect((await host.request("/chat", { body: BASIC, token: null })).status).toBe(401);
    const { json } = await host.request("/openapi.json");
    expect(Object.keys(json.paths)).toEqual(
      expect.arrayContaining([
        "/chat",
        "/logging_system_status",
        "/redis_status",
        "/rabbitmq_status",
        "/supabase_status",
        "/test_enhanced_logging",
        "/cleanup_connections",
      ]),
    );
  });

  test("never rejects into the chat's path, and claims nothing where the ledger does not accept it", async () => {
    const touched: string[] = [];
    const full = new WaybillError("cannot_accept", "The disk is full.");
    const accepted = Promise.reject(full);
    accepted.catch(() => {});
    const chat = new ChatLog({
      ledger: { logMessage: () => ({ message_uuid: "", accepted }) } as unknown as MessageLogger,
      context: async () => {
        touched.push("redis");
        return null;
      },
      sinksOn: async () => [],
    });
    const failed = { ledger: "failed", redis: "failed", rabbitmq: "failed", supabase: "failed" };
    const result = await chat.logAndPublishChat(BASIC);
    expect(result).toEqual({
      success: false,
      message_uuid: null,
      ...failed,
      errors: ["ledger: The disk is full."],
    });
    expect(touched).toEqual([]);
    const wrong = await chat.logAndPublishChat({} as typeof BASIC);
    expect(wrong).toMatchObject({ success: false, errors: [expect.stringMatching(/user_id/)] });
    await expect(chat.log(BASIC)).rejects.toBe(full);
  });

  test("is logged though the settings of Redis can't be read, and says so", async () => {
    const host = await startHost({ env: { REDIS_URL: "redis://:s3cret@host/x" } });
    const { status, text, json } = await host.request("/chat", { body: BASIC });
    expect(status).toBe(202);
    expect(json).toMatchObject({
      success: true,
      redis: "failed",
      errors: [expect.stringMatching(/REDIS_URL/)],
    });
    expect(text + host.stderr()).not.toContain("s3cret");
    expect((await host.request("/redis_status")).status).toBe(503);
  });
});

describe.skipIf(!hasRedis)("a turn of a chat with Redis", () => {
  const env = () => ({ REDIS_URL: redis.url, REDIS_CHAT_HISTORY_LENGTH: "30" });
  const { user_id } = BASIC;

  test("is kept as context: the history, the user's data, and the memory", async () => {
    const host = await startHost({ env: env() });
    const first = await host.request("/chat", { body: BASIC });
    expect(first.json).toMatchObject({ success: true, redis: "stored", rabbitmq: "off", errors: [] });
    const second = await host.request("/chat", { body: ADVANCED });
    const history = redis
      .cli("lrange", `chats_idx:${user_id}`, "0", "-1")
      .split("\n")
      .map((text) => JSON.parse(text) as Record<string, unknown>);
    expect(history).toEqual([
      {
        ...ADVANCED,
        message_uuid: second.json.message_uuid,
        timestamp: expect.any(String),
        created_at: expect.any(String),
      },
      {
        ...BASIC,
        message_uuid: first.json.message_uuid,
        timestamp: expect.any(String),
        created_at: expect.any(String),
      },
    ]);
    expect(JSON.parse(redis.cli("get", `chats_idx:user_data:${user_id}`))).toEqual({
      email: BASIC.email,
      bot_id: BASIC.bot_id,
      platform: "mobile",
      last_activity: expect.any(String),
    });
    expect(JSON.parse(redis.cli("get", `chats_idx:memory:${user_id}`))).toEqual(ADVANCED.memory);

    for (let count = 0; count < 40; count += 1) await host.request("/chat", { body: BASIC });
    expect(redis.cli("llen", `chats_idx:${user_id}`)).toBe("30");
    // A turn that is sent again is in the history once.
    const again = { ...BASIC, message_uuid: second.json.message_uuid, user_id: "other" };
    await host.request("/chat", { body: again });
    await host.request("/chat", { body: again });
    expect(redis.cli("llen", "chats_idx:other")).toBe("1");
  });

  test("is accepted while Redis is killed, at once, with the error, and stored again after it", async () => {
    onTestFinished(() => redis.restart());
    const host = await startHost({ env: env() });
    const uuids: string[] = [];
    const results: string[] = [];
    const say = async (): Promise<void> => {
      const began = performance.now();
      const { status, json, text } = await host.request("/chat", { body: BASIC });
      expect(status).toBe(202);
      expect(json.success).toBe(true);
      expect(performance.now() - began).toBeLessThan(1_000);
      expect(text).not.toContain(redis.password);
      expect(json.redis === "stored" ? json.errors : json.errors[0]).toEqual(
        json.redis === "stored" ? [] : expect.stringMatching(/^redis: /),
      );
      uuids.push(json.message_uuid);
      results.push(json.redis);
    };
    for (let count = 0; count < 10; count += 1) await say();
    const dying = redis.kill9();
    for (let count = 0; count < 20; count += 1) await say();
    await dying;
    await redis.restart();
    await eventually(async () => {
      await say();
      expect(results.at(-1)).toBe("stored");
    }, 10_000);
    expect(results.slice(0, 10)).toEqual(new Array(10).fill("stored"));
    expect(results).toContain("failed");
    for (const uuid of uuids) expect((await host.request(`/messages/${uuid}`)).status).toBe(200);
    const { json } = await host.request("/system_logs?text=context");
    expect(json.logs.length).toBeGreaterThan(0);
  });

  test("is logged from a program without a host", async () => {
    process.env.REDIS_URL = redis.url;
    onTestFinished(() => void delete process.env.REDIS_URL);
    const chat = await ChatLogger.open({ dataDir: temporaryDirectory() });
    onTestFinished(() => chat.close());
    const result = await chat.logAndPublishChat(BASIC);
    expect(result).toMatchObject({ success: true, ledger: "stored", redis: "stored", rabbitmq: "off" });
    expect(await chat.context?.getChatHistory(user_id)).toMatchObject([{ user_input: BASIC.user_input }]);
    expect(await chat.ledger.getMessage(result.message_uuid ?? "")).not.toBeNull();
  });

  test("is logged without Redis from a program of its own", async () => {
    const chat = await ChatLogger.open({ dataDir: temporaryDirectory() });
    onTestFinished(() => chat.close());
    expect(chat.context).toBeNull();
    expect(await chat.logAndPublishChat(BASIC)).toMatchObject({ success: true, ...OFF });
    // The ledger that is closed takes nothing: said, not thrown.
    const closed = await openLogger();
    await closed.close();
    const late = new ChatLog({ ledger: closed, context: async () => null, sinksOn: async () => [] });
    expect(await late.logAndPublishChat(BASIC)).toMatchObject({ success: false, ledger: "failed" });
  });
});
