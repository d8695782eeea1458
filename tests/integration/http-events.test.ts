import { beforeAll, describe, expect, test } from "vitest";
import { type Host, startHost } from "./support/host.ts";

let host: Host;
beforeAll(async () => {
  host = await startHost();
});

const minute = (number: number) => `2026-03-01T10:${String(number).padStart(2, "0")}:00.000Z`;

type Event = { event_id: string; session_id: string; event_type: string; timestamp: string };
const eventsOf = async (query: string): Promise<Event[]> =>
  (await host.request(`/events${query}`)).json.events;

describe("/events", () => {
  const ids: string[] = [];
  beforeAll(async () => {
    for (let number = 0; number < 12; number += 1) {
      const event_type = number % 3 === 0 ? "review_started" : "llm_query_sent";
      const body = {
        session_id: number % 2 === 0 ? 123 : "b",
        event_type,
        payload: { number },
        timestamp: minute(number),
      };
      const { status, json } = await host.request("/log", { body });
      expect(status).toBe(202);
      ids.push(json.event_id);
    }
    // None of these is an event of the trail.
    const others = [
      { channel: "email", message_type: "review_started", origin_ts: minute(30) },
      { channel: "event", origin_ts: minute(31) },
    ];
    expect((await host.request("/messages", { body: others })).status).toBe(202);
  });

  test("gives what was logged, newest first", async () => {
    const { status, json } = await host.request("/events");
    expect(status).toBe(200);
    expect(json.next_cursor).toBeNull();
    expect(json.events.map(({ event_id }: Event) => event_id)).toEqual(ids.toReversed());
    expect(json.events.at(-1)).toEqual({
      event_id: ids[0],
      session_id: "123",
      event_type: "review_started",
      payload: { number: 0 },
      timestamp: minute(0),
    });
  });

  test("comes in pages that join without a gap or a repeat", async () => {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const { json } = await host.request(`/events?limit=5${cursor === null ? "" : `&cursor=${cursor}`}`);
      expect(json.events.length).toBeLessThanOrEqual(5);
      seen.push(...json.events.map(({ event_id }: Event) => event_id));
      cursor = json.next_cursor;
    } while (cursor !== null);
    expect(seen).toEqual(ids.toReversed());
  });

  test("is narrowed by type, session and time, both ends included", async () => {
    expect(await eventsOf("?event_type=review_started")).toHaveLength(4);
    expect(await eventsOf("?event_type=review_*")).toEqual([]);
    expect(await eventsOf("?session_id=123")).toHaveLength(6);
    expect(await eventsOf("?session_id=123&event_type=review_started")).toHaveLength(2);
    const between = await eventsOf(`?start_time=${minute(3)}&end_time=${minute(5)}`);
    expect(between.map(({ timestamp }) => timestamp)).toEqual([minute(5), minute(4), minute(3)]);
    expect(await eventsOf("?start_time=2026-03-01&end_time=9999-12-31T23:59:59.999Z")).toHaveLength(12);
    expect(await eventsOf("?session_id=%22%20OR%20channel:email")).toEqual([]);
  });

  test.each(["limit=0", "limit=1001", "page=2", "start_time=soon", "cursor=nonsense"])(
    "%s is 422",
    async (query) => {
      const answer = await host.request(`/events?${query}`);
      expect(answer.status).toBe(422);
      expect(answer.json.error.code).toBe("invalid");
    },
  );

  test("counts its types, the most frequent first", async () => {
    expect((await host.request("/events/types")).json).toEqual({
      types: [
        { event_type: "llm_query_sent", count: 8 },
        { event_type: "review_started", count: 4 },
      ],
    });
    const { json } = await host.request(`/events/types?session_id=b&end_time=${minute(3)}`);
    expect(json.types).toEqual([
      { event_type: "llm_query_sent", count: 1 },
      { event_type: "review_started", count: 1 },
    ]);
  });

  test("is data for a browser too, not a page of the UI", async () => {
    const answer = await host.request("/events", { headers: { accept: "text/html,*/*" } });
    expect(answer.headers["content-type"]).toContain("application/json");
  });
});

describe("/history", () => {
  const turn = (user: string, number: number, email?: string) => ({
    channel: "chat",
    message_type: "chat_turn",
    status: "delivered",
    user_id: user,
    source_subject_id: email ?? user,
    origin_ts: minute(number),
    message_data: { message: `question ${number}`, response: `answer ${number}` },
  });
  type Turn = { user_id: string; message: string; response: string; timestamp: string };

  beforeAll(async () => {
    const body = [
      ...Array.from({ length: 60 }, (_, number) => turn("42", number % 60)),
      turn("7", 1, "anna@example.com"),
      turn("anna@example.com:delhi", 2, "anna@example.com"),
      turn("42@example.com", 3),
      // Not a turn of a chat.
      { channel: "email", source_subject_id: "42", user_id: "42", origin_ts: minute(59) },
    ];
    expect((await host.request("/messages", { body })).json.accepted).toBe(64);
  });

  test("is a plain list of one user's turns, newest first, 50 of them", async () => {
    const { status, json, headers } = await host.request("/history/42");
    expect(status).toBe(200);
    expect(json).toHaveLength(50);
    expect(json[0]).toEqual({
      user_id: "42",
      message: "question 59",
      response: "answer 59",
      timestamp: minute(59),
    });
    const next = /^<(.+)>; rel="next"$/.exec(String(headers.link))?.[1] ?? "";
    const rest = await host.request(next);
    expect(rest.json.map(({ message }: Turn) => message)).toEqual(
      Array.from({ length: 10 }, (_, index) => `question ${9 - index}`),
    );
    expect(rest.headers.link).toBeUndefined();
  });

  test("is found by another id of the user too, page by page", async () => {
    expect((await host.request("/history/7")).json).toMatchObject([{ user_id: "7", message: "question 1" }]);
    const anna = await host.request("/history/anna%40example.com?limit=1");
    expect(anna.json).toMatchObject([{ user_id: "anna@example.com:delhi" }]);
    const next = /^<(.+)>/.exec(String(anna.headers.link))?.[1] ?? "";
    expect((await host.request(next)).json).toMatchObject([{ user_id: "7" }]);
    expect((await host.request("/history/anna%40example.com:delhi")).json).toHaveLength(1);
  });

  test("of an unknown user is empty", async () => {
    for (const user of ["nobody", "4", "-", "%F0%9F%98%80", "42%20"]) {
      const { status, json } = await host.request(`/history/${user}`);
      expect(status).toBe(200);
      expect(json).toEqual([]);
    }
    expect((await host.request("/history/42?offset=1")).status).toBe(422);
  });
});
