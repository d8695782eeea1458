import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { StoredMessage } from "../../src-shared/record.ts";
import { cleanUpAtEnd } from "../support/ledger.ts";
import { hasPostgres, type Postgres, startPostgres } from "../support/postgres.ts";
import { archiveOf } from "../support/two-stores.ts";
import { message } from "../unit/query-fixtures.ts";
import { type Host, startHost } from "./support/host.ts";
import { runWaybill } from "./support/waybill.ts";

cleanUpAtEnd();

const BEGUN = Date.UTC(2026, 2, 1);

function recordOf(index: number, fields: Partial<StoredMessage>): StoredMessage {
  const message_uuid = `0198c0de-7000-7000-8000-${String(index).padStart(12, "0")}`;
  return message({ message_uuid, origin_ts: BEGUN + index * 1_000, ...fields });
}

describe.skipIf(!hasPostgres)("over an archive", () => {
  let postgres: Postgres;
  let host: Host;
  beforeAll(async () => {
    postgres = await startPostgres();
    const types = ["review_started", "llm_query_sent", "llm_query_sent", "Prüfung"];
    const events = types.map((message_type, index) =>
      recordOf(index, {
        channel: "event",
        message_type,
        session_id: "123",
        message_data: `{"index":${index}}`,
      }),
    );
    const turns = Array.from({ length: 60 }, (_, index) =>
      recordOf(100 + index, {
        channel: "chat",
        message_type: "chat_turn",
        user_id: index < 55 ? "42" : "anna@example.com:delhi",
        source_subject_id: index < 55 ? "42" : "anna@example.com",
        message_data: `{"message":"question ${index}","response":"answer ${index}"}`,
      }),
    );
    const { url } = await archiveOf(postgres, [...events, ...turns]);
    host = await startHost({ args: ["--archive", url] });
  });
  afterAll(() => postgres?.stop());

  test("/events and its types are what they are over a ledger", async () => {
    const { json } = await host.request("/events?limit=3");
    expect(json.events.map((event: { payload: object }) => event.payload)).toEqual([
      { index: 3 },
      { index: 2 },
      { index: 1 },
    ]);
    const { json: rest } = await host.request(`/events?limit=3&cursor=${json.next_cursor}`);
    expect(rest).toMatchObject({
      events: [{ event_type: "review_started", session_id: "123" }],
      next_cursor: null,
    });
    expect((await host.request("/events?event_type=llm_query_sent")).json.events).toHaveLength(2);
    expect((await host.request("/events/types")).json.types).toEqual([
      { event_type: "llm_query_sent", count: 2 },
      { event_type: "Prüfung", count: 1 },
      { event_type: "review_started", count: 1 },
    ]);
    const folded = await host.request("/api/messages.types", { body: { q: "type:prüfung" } });
    expect(folded.json.value.types).toEqual([{ message_type: "Prüfung", count: 1 }]);
  });

  test("/history is the plain list, by either id of a user", async () => {
    const first = await host.request("/history/42");
    expect(first.json).toHaveLength(50);
    expect(first.json[0]).toMatchObject({ user_id: "42", message: "question 54", response: "answer 54" });
    const next = /^<(.+)>; rel="next"$/.exec(String(first.headers.link))?.[1] ?? "";
    expect((await host.request(next)).json).toHaveLength(5);
    expect((await host.request("/history/anna@example.com")).json).toHaveLength(5);
    expect((await host.request("/history/anna@example.com:delhi")).json).toHaveLength(5);
    expect((await host.request("/history/nobody")).json).toEqual([]);
  });

  test("a key opens it as it opens a ledger", async () => {
    const args = ["keys", "create", "team", "--scope", "read", "--data-dir", host.dataDir];
    const token = (await runWaybill(args)).stdout.trim();
    expect((await host.request("/events", { token })).status).toBe(200);
    expect((await host.request("/log", { token, body: {} })).status).toBe(403);
  });
});
