import { describe, expect, test } from "vitest";
import { bodyUuid } from "../../src-main/transfer/body-uuid.ts";
import { canonicalJson } from "../../src-shared/bodies/canonical-json.ts";
import { readBody } from "../../src-shared/bodies/read-body.ts";
import { normalizeMessage } from "../../src-shared/record.ts";

const NOW = Date.UTC(2026, 10, 21, 12);
const UUID_V5 = /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const AUDIT = {
  session_id: 123,
  event_type: "review_started",
  payload: { code_language: "python", file_count: 3, user_agent: "VSCode/1.74.0" },
  timestamp: "2026-11-01T10:00:00Z",
};
const HISTORY = { user_id: "7", message: "Hi", response: "Hello!", timestamp: "2025-05-27T10:30:00.123456" };
const WEATHER = {
  email: "user@example.com",
  bot_id: "delhi",
  user_message: "Hello, how are you?",
  bot_response: "I'm doing well, thank you!",
  requested_time: "2026-11-01T10:00:00+05:30",
  platform: "web",
  created_at: "2026-11-01T10:00:00+05:30",
};
const EXCHANGE = {
  message_uuid: "123e4567-e89b-12d3-a456-426614174000",
  origin_ts: "2025-05-27T10:30:00Z",
  ack_ts: "2025-05-27T10:30:01Z",
  message_data: { text: "hello" },
  source_subject_id: "subject-A",
  destination_subject_ids: ["subject-B"],
  topic: "greetings",
  message_type: "chat",
  message_metadata: { priority: "high" },
};

function read(body: unknown, queue = "log_queue") {
  return readBody(queue, body, bodyUuid, NOW);
}

/** What the ledger and the archive would keep of it. */
function kept(body: unknown) {
  const { record } = read(body);
  const normalized = normalizeMessage(record, NOW);
  if (!normalized.ok) throw new Error(normalized.error);
  const { message } = normalized;
  return {
    ...message,
    message_data: JSON.parse(message.message_data) as unknown,
    message_metadata: JSON.parse(message.message_metadata) as unknown,
    destination_subject_ids: JSON.parse(message.destination_subject_ids) as unknown,
  };
}

describe("an audit event", () => {
  test("is what POST /log makes of it", () => {
    expect(read(AUDIT).kind).toBe("audit_event");
    expect(kept(AUDIT)).toMatchObject({
      session_id: "123",
      message_type: "review_started",
      channel: "event",
      origin_ts: Date.UTC(2026, 10, 1, 10),
      message_data: AUDIT.payload,
      message_metadata: {},
    });
  });

  test("keeps a payload that is no object, and what else was sent", () => {
    const event = { ...AUDIT, payload: [1, "two"], producer_timestamp: "2026-11-01T10:00:01Z" };
    expect(kept(event)).toMatchObject({
      message_data: { payload: [1, "two"] },
      message_metadata: { producer_timestamp: "2026-11-01T10:00:01Z" },
    });
  });

  test("with a time that can't be read has the next best one, and keeps what came", () => {
    expect(kept({ ...AUDIT, timestamp: "yesterday" })).toMatchObject({
      origin_ts: NOW,
      message_metadata: { timestamp: "yesterday" },
    });
    expect(
      kept({ ...AUDIT, timestamp: "yesterday", producer_timestamp: "2026-11-01T10:00:01Z" }),
    ).toMatchObject({ origin_ts: Date.UTC(2026, 10, 1, 10, 0, 1) });
    expect(kept({ ...AUDIT, timestamp: null })).toMatchObject({ origin_ts: NOW, message_metadata: {} });
  });

  test.each([
    [{ ...AUDIT, session_id: null }, "session_id: is needed: a text or a number."],
    [{ ...AUDIT, session_id: true }, "session_id: is needed: a text or a number."],
    [{ ...AUDIT, event_type: "" }, "event_type: is needed: a text."],
  ])("without what it needs is refused: %j", (body, sentence) => {
    expect(() => read(body)).toThrow(sentence);
  });
});

describe("a chat turn", () => {
  test("of the chat history", () => {
    expect(read(HISTORY).kind).toBe("chat_turn");
    expect(kept(HISTORY)).toMatchObject({
      channel: "chat",
      message_type: "chat_turn",
      status: "delivered",
      user_id: "7",
      source_subject_id: "7",
      destination_subject_ids: [],
      origin_ts: Date.UTC(2025, 4, 27, 10, 30, 0, 123),
      content_preview: "Hi",
      message_data: { message: "Hi", response: "Hello!" },
      message_metadata: {},
    });
  });

  test("takes a number as the user, as its text does", () => {
    expect(kept({ ...HISTORY, user_id: 7 })).toMatchObject({ user_id: "7", source_subject_id: "7" });
  });

  test("of the Weather News Agent, as it was first", () => {
    const body = { ...WEATHER, memory: '{"city":"Delhi"}', mem_id: "mem_123" };
    expect(kept(body)).toMatchObject({
      user_id: "user@example.com:delhi",
      source_subject_id: "user@example.com",
      destination_subject_ids: ["delhi"],
      origin_ts: Date.UTC(2026, 10, 1, 4, 30),
      content_preview: "Hello, how are you?",
      message_data: {
        message: "Hello, how are you?",
        response: "I'm doing well, thank you!",
        memory: { city: "Delhi" },
        mem_id: "mem_123",
      },
      message_metadata: {
        email: "user@example.com",
        bot_id: "delhi",
        platform: "web",
        requested_time: "2026-11-01T10:00:00+05:30",
        created_at: "2026-11-01T10:00:00+05:30",
      },
    });
  });

  test("of the Weather News Agent, as it was later", () => {
    const body = {
      user_id: "user@example.com:delhi",
      email: "user@example.com",
      bot_id: "delhi",
      user_input: "Hello",
      bot_reply: "Hi",
      platform: "mobile",
      timestamp: "2026-11-01T10:00:00",
      created_at: "2026-11-01T10:00:02",
      memory: { city: "Delhi" },
      mem_id: null,
    };
    expect(kept(body)).toMatchObject({
      user_id: "user@example.com:delhi",
      source_subject_id: "user@example.com",
      origin_ts: Date.UTC(2026, 10, 1, 10),
      message_data: { message: "Hello", response: "Hi", memory: { city: "Delhi" } },
      message_metadata: { platform: "mobile", created_at: "2026-11-01T10:00:02" },
    });
  });

  test("with a time that can't be read is of now, and keeps what came", () => {
    expect(kept({ ...HISTORY, timestamp: "27 mai" })).toMatchObject({
      origin_ts: NOW,
      message_metadata: { timestamp: "27 mai" },
    });
  });

  test("of nobody is refused", () => {
    expect(() => read({ ...HISTORY, user_id: null })).toThrow("user_id: is needed");
  });
});

describe("an exchanged message", () => {
  test("is the record itself", () => {
    expect(read(EXCHANGE).kind).toBe("exchange");
    const { origin_ts, ack_ts, ...same } = EXCHANGE;
    expect(kept(EXCHANGE)).toMatchObject({
      ...same,
      origin_ts: Date.parse(origin_ts),
      ack_ts: Date.parse(ack_ts),
    });
  });

  test("may hold any JSON", () => {
    expect(kept({ ...EXCHANGE, message_data: "hello", message_metadata: [1] })).toMatchObject({
      message_data: { message_data: "hello" },
      message_metadata: { message_metadata: [1] },
    });
  });

  test("may come without an id", () => {
    const { message_uuid: _, ...body } = EXCHANGE;
    expect(read(body).kind).toBe("exchange");
    expect(read({ ...body, message_uuid: null }).record.message_uuid).toMatch(UUID_V5);
  });
});

test("Waybill's record is taken as it is, whatever else it holds", () => {
  const record = { ...EXCHANGE, channel: "sms", status: "sent", revision: 3, message: "x", response: "y" };
  expect(read(record)).toEqual({ kind: "record", record });
});

describe("an id", () => {
  test("is made of the content and the queue, and is the same however the keys are ordered", () => {
    const id = read(AUDIT).record.message_uuid;
    expect(id).toMatch(UUID_V5);
    const reordered = Object.fromEntries(Object.entries(AUDIT).reverse());
    expect(read(reordered).record.message_uuid).toBe(id);
    expect(read(AUDIT, "other_queue").record.message_uuid).not.toBe(id);
    expect(read({ ...AUDIT, session_id: "123" }).record.message_uuid).not.toBe(id);
  });

  test("does not change with the version", () => {
    expect(read(AUDIT).record.message_uuid).toBe("0cfef12d-47d3-5ec6-bb60-715a8c1b3f0a");
  });

  test("that is no UUID is left to be refused with the record", () => {
    const { record } = read({ ...EXCHANGE, message_uuid: "abc" });
    expect(normalizeMessage(record, NOW)).toMatchObject({ ok: false });
  });
});

test("NUL characters are kept", () => {
  expect(kept({ ...HISTORY, message: "a\u0000b" })).toMatchObject({
    message_data: { message: "a\u0000b" },
    content_preview: "a\u0000b",
  });
});

test.each([[null], [[AUDIT]], ["text"], [3], [{}], [{ hello: "world" }], [{ user_id: 1 }]])(
  "what is none of them is refused: %j",
  (body) => {
    expect(() => read(body)).toThrow(/not a JSON object|none that Waybill knows/);
  },
);

test("canonical JSON orders the keys at every depth", () => {
  const text = '{"b":[{"d":1,"c":{"__proto__":2,"a":null}}],"a":"\\u0000"}';
  expect(canonicalJson(JSON.parse(text))).toBe('{"a":"\\u0000","b":[{"c":{"__proto__":2,"a":null},"d":1}]}');
});
