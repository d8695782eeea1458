import { describe, expect, it } from "vitest";
import type { ReadableDatabase } from "../../src-main/ledger/open.ts";
import { changesAfter } from "../../src-main/ledger/reader/changes.ts";
import { messagesBySubject, searchMessages, windowMessages } from "../../src-main/ledger/reader/messages.ts";
import { getSession, listSessions, undelivered } from "../../src-main/ledger/reader/sessions.ts";
import { finish } from "../../src-main/ledger/reader/steps.ts";
import { listSystemLogs } from "../../src-main/ledger/reader/system-logs.ts";
import type { Status } from "../../src-shared/status.ts";
import { eventually } from "../support/ledger.ts";
import { messageEntry, openReader, openWriter, statusEntry } from "../support/writer.ts";

const T0 = Date.UTC(2026, 0, 31, 9);

/** Follows a cursor to its end, with something done after each page. */
async function allPages<T>(
  read: (cursor: string | null) => { items: T[]; next: string | null },
  between: () => Promise<unknown> = async () => {},
): Promise<T[]> {
  const items: T[] = [];
  for (let cursor: string | null = null; ; ) {
    const page = read(cursor);
    items.push(...page.items);
    if (page.next === null) return items;
    cursor = page.next;
    await between();
  }
}

describe("pages by cursor", () => {
  it("bring every message once while new ones come in", async () => {
    const { submit, dataDir } = openWriter();
    // Many at the same moment: the time alone does not tell where a page ended.
    const entries = Array.from({ length: 250 }, (_, index) => messageEntry({ origin_ts: T0 + (index % 7) }));
    await submit(...entries);
    const database = openReader(dataDir);
    for (const q of ["", "status:pending", "channel:event", "-topic:new"]) {
      const found = await allPages(
        (cursor) => {
          const { messages, next_cursor } = finish(searchMessages(database, { q, limit: 17, cursor }));
          return { items: messages, next: next_cursor };
        },
        () => submit(messageEntry({ topic: "new" }), messageEntry({ topic: "new", origin_ts: T0 + 1_000 })),
      );
      const old = found.filter(({ topic }) => topic !== "new");
      expect(old.map(({ message_uuid }) => message_uuid).sort()).toEqual(
        entries.map(({ message }) => message.message_uuid).sort(),
      );
      const times = found.map(({ origin_ts }) => origin_ts);
      expect(times).toEqual(times.toSorted().reverse());
    }
  });

  it("by offset stay where they are while new ones come in", async () => {
    const { submit, dataDir } = openWriter();
    await submit(
      ...Array.from({ length: 100 }, (_, index) =>
        messageEntry({ topic: `${index}`, origin_ts: T0 + index }),
      ),
    );
    const database = openReader(dataDir);
    const first = finish(windowMessages(database, { q: "", offset: 0, limit: 40 }));
    await submit(messageEntry({ topic: "new" }));
    const second = finish(windowMessages(database, { q: "", offset: 40, limit: 100, until: first.until }));
    const topics = [...first.messages, ...second.messages].map(({ topic }) => Number(topic));
    expect(topics).toEqual(Array.from({ length: 100 }, (_, index) => 99 - index));
  });

  it("bring every session and every system log once", async () => {
    const { submit, dataDir } = openWriter();
    const session = (id: number) => ({
      op: "session" as const,
      at: T0,
      session: {
        session_id: `s${id}`,
        user_id: "u",
        channel: "email",
        template_id: null,
        template_name: null,
        started_ts: T0 + (id % 3),
        ended_ts: null,
        metadata: "{}",
      },
    });
    const log = (id: number) => ({
      op: "system_log" as const,
      at: T0 + (id % 3),
      level: "info" as const,
      component: "c",
      message: `m${id}`,
      details: null,
    });
    await submit(...Array.from({ length: 50 }, (_, index) => session(index)));
    await submit(...Array.from({ length: 50 }, (_, index) => log(index)));
    const database = openReader(dataDir);
    const expected = (prefix: string) => Array.from({ length: 50 }, (_, index) => `${prefix}${index}`).sort();
    const sessions = await allPages(
      (cursor) => {
        const page = listSessions(database, { text: "", days: null, limit: 7, cursor });
        return { items: page.sessions, next: page.next_cursor };
      },
      () => submit(messageEntry({ session_id: "new" })),
    );
    expect(
      sessions
        .map(({ session_id }) => session_id)
        .filter((id) => id !== "new")
        .sort(),
    ).toEqual(expected("s"));
    const logs = await allPages((cursor) => {
      const page = listSystemLogs(database, { text: "", level: null, limit: 7, cursor });
      return { items: page.logs, next: page.next_cursor };
    });
    expect(logs.map(({ message }) => message).sort()).toEqual(expected("m"));
  });

  it("end early where records are large, and lose none", async () => {
    const { submit, dataDir } = openWriter();
    const text = "x".repeat(1_000_000);
    await submit(
      ...Array.from({ length: 40 }, (_, index) =>
        messageEntry({ topic: `${index}`, message_data: { text } }),
      ),
    );
    const database = openReader(dataDir);
    let pages = 0;
    const found = await allPages((cursor) => {
      const { messages, next_cursor } = finish(searchMessages(database, { q: "", limit: 1_000, cursor }));
      pages += 1;
      return { items: messages.map(({ topic }) => topic), next: next_cursor };
    });
    expect(pages).toBe(3);
    expect(new Set(found).size).toBe(40);
    const followed: number[] = [];
    for (let position = 0; ; ) {
      const { changes, position: next } = changesAfter(database, position);
      expect(changes.length).toBeLessThan(20);
      if (changes.length === 0) break;
      followed.push(...changes.map(({ change_id }) => change_id));
      position = next;
    }
    expect(followed).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
  });

  it("are refused where no page gave the cursor", () => {
    const { dataDir } = openWriter();
    const database = openReader(dataDir);
    for (const cursor of [
      "x",
      "eyJ9",
      Buffer.from("[1]").toString("base64url"),
      Buffer.from("{}").toString("base64url"),
    ]) {
      expect(() => finish(searchMessages(database, { q: "", limit: 1, cursor }))).toThrow(
        /start again without it/,
      );
    }
  });
});

describe("messages of a subject", () => {
  const SUBJECTS = [
    "ann@example.com",
    "+49 151 123456",
    "+49151123456",
    "ann",
    "Ann",
    'a"quoted"b',
    "back\\slash",
    "AND",
    "NOT (x OR y)",
    "to:ann",
    "*",
    "ann*",
    "😀",
    "---",
    "@",
    " padded ",
    "münchen",
    "日本語",
    "a\u0000b",
    "x".repeat(4_000),
  ];

  it.each([
    ["before they are in the search index", false],
    ["once they are", true],
  ])("are those from or to exactly this one, %s", async (_, isIndexed) => {
    const { submit, dataDir, writer } = openWriter();
    const to = SUBJECTS.map((subject, index) =>
      messageEntry({ topic: `to ${index}`, destination_subject_ids: ["other", subject] }),
    );
    const from = SUBJECTS.map((subject, index) =>
      messageEntry({ topic: `from ${index}`, source_subject_id: subject }),
    );
    await submit(...to, ...from);
    if (isIndexed) await eventually(() => expect(writer.state().indexLag).toBe(0));
    const database = openReader(dataDir);
    for (const [index, subject_id] of SUBJECTS.entries()) {
      const { messages } = finish(messagesBySubject(database, { subject_id, limit: 100, cursor: null }));
      expect(messages.map(({ topic }) => topic).sort(), subject_id.slice(0, 40)).toEqual([
        `from ${index}`,
        `to ${index}`,
      ]);
    }
    const none = finish(messagesBySubject(database, { subject_id: "nobody", limit: 100, cursor: null }));
    expect(none).toEqual({ messages: [], next_cursor: null });
  });
});

describe("who did not get it", () => {
  it("are the recipients of a session without a success, each with the last try", async () => {
    const { submit, dataDir } = openWriter();
    const send = (recipients: string[], status: Status, error: string | null = null) =>
      messageEntry({
        session_id: "s",
        destination_subject_ids: recipients,
        status,
        error_message: error,
        origin_ts: T0,
      });
    const entries = [
      send(["a", "b"], "failed", "no route"),
      send(["a"], "delivered"),
      send(["b"], "failed", "again"),
      send(["c"], "pending"),
      send(["d"], "read"),
      send(["e"], "sent"),
      send(["f"], "cancelled"),
      send([], "failed"),
      messageEntry({ session_id: "other", destination_subject_ids: ["d"], status: "failed" }),
    ];
    await submit(...entries);
    const database = openReader(dataDir);
    const read = (limit: number) =>
      allPages((cursor) => {
        const page = undelivered(database, { session_id: "s", limit, cursor });
        return { items: page.recipients, next: page.next_cursor };
      });
    const found = await read(1);
    expect(found).toEqual(await read(100));
    expect(
      found.map(({ recipient, status, attempts, error_message }) => [
        recipient,
        status,
        attempts,
        error_message,
      ]),
    ).toEqual([
      ["b", "failed", 2, "again"],
      ["c", "pending", 1, null],
      ["f", "cancelled", 1, null],
    ]);
    expect(finish(getSession(database, { session_id: "s" }))).toMatchObject({
      undelivered: 3,
      recipients: 6,
    });
    await submit(statusEntry(entries[3]?.message.message_uuid ?? "", "sent"));
    expect((await read(1)).map(({ recipient }) => recipient)).toEqual(["b", "f"]);
    expect(() => undelivered(database, { session_id: "none", limit: 1 })).toThrow(/There is no session none/);
  });

  it("agree with the session's own count whatever the recipients are called", async () => {
    const { submit, dataDir } = openWriter();
    const names = ["", " ", "0", "null", "a\u0000b", "é", "\u{10ffff}", "Z", "z", "ß"];
    await submit(messageEntry({ session_id: "s", destination_subject_ids: names, status: "failed" }));
    const database: ReadableDatabase = openReader(dataDir);
    const { recipients } = undelivered(database, { session_id: "s", limit: 100 });
    expect(recipients.map(({ recipient }) => recipient).sort()).toEqual(names.slice(1).sort());
    expect(finish(getSession(database, { session_id: "s" }))).toMatchObject({
      undelivered: 9,
      recipients: 9,
    });
  });
});
