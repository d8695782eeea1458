import { describe, expect, it } from "vitest";
import type { ReadableDatabase } from "../../src-main/ledger/open.ts";
import { getMessage } from "../../src-main/ledger/reader/messages.ts";
import { getSession } from "../../src-main/ledger/reader/sessions.ts";
import { analyticsReport } from "../../src-main/ledger/reader/statistics.ts";
import { finish } from "../../src-main/ledger/reader/steps.ts";
import { errorTemplate } from "../../src-shared/error-template.ts";
import type { MessageInput, MessageRecord } from "../../src-shared/record.ts";
import { STATUSES, type Status, supersedes } from "../../src-shared/status.ts";
import { openLogger, rows } from "../support/ledger.ts";
import { messageEntry, openReader, openWriter, statusEntry } from "../support/writer.ts";

const T0 = Date.UTC(2026, 0, 31, 9);
const at = (seconds: number): number => T0 + seconds * 1_000;
const iso = (seconds: number): string => new Date(at(seconds)).toISOString();

type Report = [status: Status, seconds: number, extra?: { error_message?: string; external_id?: string }];

/** Logs one message, reports on it, and tells how the record was after each report. */
async function live(first: MessageInput, ...reports: Report[]): Promise<MessageRecord[]> {
  const { submit, dataDir } = openWriter();
  const entry = messageEntry({ origin_ts: at(0), ...first }, at(0));
  await submit(entry);
  const database = openReader(dataDir);
  const now = (): MessageRecord => getMessage(database, { message_uuid: entry.message.message_uuid }).message;
  const records = [now()];
  for (const [status, seconds, extra] of reports) {
    const [result] = await submit(
      statusEntry(entry.message.message_uuid, status, { ts: at(seconds), at: at(seconds), ...extra }),
    );
    expect(result?.outcome).toBe("changed");
    records.push(now());
  }
  return records;
}

describe("which report becomes the record's status", () => {
  // Rows: what it is. Columns: what is reported later. 1 = it becomes the status.
  const TABLE: Record<Status, string> = {
    //          pending sending sent delivered read failed cancelled
    pending: "  0       1       1    1         1    1      1",
    sending: "  0       0       1    1         1    1      1",
    sent: "     0       0       0    1         1    1      1",
    delivered: "0       0       0    0         1    0      0",
    read: "     0       0       0    0         0    0      0",
    failed: "   1       1       1    1         1    0      0",
    cancelled: "0       0       1    1         1    0      0",
  };

  it.each(STATUSES)("after %s", (current) => {
    const row = TABLE[current].trim().split(/\s+/);
    const taken = STATUSES.map((next) => (supersedes(current, T0, next, T0 + 1) ? "1" : "0"));
    expect(taken).toEqual(row);
  });

  it("a report from before a failure is no retry, but an arrival is one at any time", () => {
    expect(STATUSES.filter((next) => supersedes("failed", T0, next, T0 - 1))).toEqual(["delivered", "read"]);
  });
});

describe("a message's life", () => {
  it("goes from pending to read with each time and a revision for each step", async () => {
    const records = await live({}, ["sending", 1], ["sent", 2], ["delivered", 3], ["read", 4]);
    expect(records.map(({ status, revision }) => [status, revision])).toEqual([
      ["pending", 1],
      ["sending", 2],
      ["sent", 3],
      ["delivered", 4],
      ["read", 5],
    ]);
    expect(records.at(-1)).toMatchObject({ sent_ts: iso(2), delivered_ts: iso(3), read_ts: iso(4) });
  });

  it("keeps a late, lower status as history and still learns its time", async () => {
    const records = await live({}, ["delivered", 5], ["sent", 3], ["sent", 4], ["sending", 1]);
    expect(records.map(({ status, revision }) => [status, revision])).toEqual([
      ["pending", 1],
      ["delivered", 2],
      // The time of sending was not known before.
      ["delivered", 3],
      ["delivered", 3],
      ["delivered", 3],
    ]);
    expect(records.at(-1)).toMatchObject({ sent_ts: iso(3), delivered_ts: iso(5) });
  });

  it("does not change by a report that tells nothing new", async () => {
    const records = await live({ status: "sent", sent_ts: at(1) }, ["sent", 2], ["pending", 3]);
    expect(new Set(records.map((record) => JSON.stringify(record))).size).toBe(1);
  });

  it("forgets the error with a retry and with a success", async () => {
    const failed = ["failed", 1, { error_message: "no route" }] as const;
    const [, afterFailure, afterRetry, afterSecond, afterSuccess] = await live(
      {},
      [...failed],
      ["pending", 2],
      ["failed", 3, { error_message: "timeout" }],
      ["sent", 4],
    );
    expect(afterFailure).toMatchObject({ status: "failed", error_message: "no route", revision: 2 });
    expect(afterRetry).toMatchObject({ status: "pending", error_message: null, revision: 3 });
    expect(afterSecond).toMatchObject({ status: "failed", error_message: "timeout", revision: 4 });
    expect(afterSuccess).toMatchObject({ status: "sent", error_message: null, revision: 5 });
  });

  it("learns the reason of a failure that came without one", async () => {
    const [, first, second, third] = await live(
      {},
      ["failed", 1],
      ["failed", 2, { error_message: "550 no such user" }],
      ["failed", 3, { error_message: "another" }],
    );
    expect(first).toMatchObject({ error_message: null, revision: 2 });
    expect(second).toMatchObject({ error_message: "550 no such user", revision: 3 });
    expect(third).toMatchObject({ error_message: "550 no such user", revision: 3 });
  });

  it("takes the provider's id, also late, but no older one over a newer", async () => {
    const records = await live(
      {},
      ["sent", 2, { external_id: "new" }],
      ["sending", 1, { external_id: "old" }],
      ["delivered", 3, { external_id: "newest" }],
    );
    expect(records.map(({ external_id }) => external_id)).toEqual([null, "new", "new", "newest"]);
    const [, late] = await live({ status: "delivered" }, ["sending", 1, { external_id: "late" }]);
    expect(late).toMatchObject({ external_id: "late", revision: 2 });
  });

  it("keeps every report in the history, in the order of their times", async () => {
    const { submit, dataDir } = openWriter();
    const entry = messageEntry({ origin_ts: at(0), session_id: "s" }, at(0));
    await submit(entry);
    const { message_uuid } = entry.message;
    await submit(
      statusEntry(message_uuid, "delivered", { ts: at(3), at: at(10) }),
      statusEntry(message_uuid, "sent", { ts: at(2), at: at(11), external_id: "x" }),
      statusEntry(message_uuid, "failed", { ts: at(4), at: at(12), error_message: "bounced" }),
    );
    const { events } = getMessage(openReader(dataDir), { message_uuid });
    expect(
      events.map(({ status, ts, applied, external_id, error_message }) => [
        status,
        ts,
        applied,
        external_id,
        error_message,
      ]),
    ).toEqual([
      ["pending", iso(0), true, null, null],
      ["sent", iso(2), false, "x", null],
      ["delivered", iso(3), true, null, null],
      ["failed", iso(4), false, null, "bounced"],
    ]);
    expect(events[1]?.recorded_ts).toBe(iso(11));
  });

  it("takes the same report again, as a writer that died makes it come, for one", async () => {
    const { submit, dataDir } = openWriter();
    const entry = messageEntry({ origin_ts: at(0) }, at(0));
    await submit(entry);
    const report = statusEntry(entry.message.message_uuid, "sent", { ts: at(1), at: at(2) });
    expect((await submit(report))[0]).toMatchObject({ outcome: "changed", message: { revision: 2 } });
    expect((await submit(report))[0]).toMatchObject({ outcome: "changed", message: { revision: 2 } });
    const { events } = getMessage(openReader(dataDir), { message_uuid: entry.message.message_uuid });
    expect(events.map(({ status }) => status)).toEqual(["pending", "sent"]);
  });

  it("is unknown where there is no such message", async () => {
    const { submit } = openWriter();
    expect(await submit(statusEntry("0198c0de-7000-7000-8000-000000000001", "sent"))).toEqual([
      { outcome: "unknown" },
    ]);
  });
});

describe("updateMessageStatus", () => {
  it("gives the record after the report, and says what is wrong", async () => {
    const logger = await openLogger();
    const { message_uuid } = logger.logMessage({ origin_ts: at(0) });
    // Not awaited: it is in order all the same.
    expect(
      await logger.updateMessageStatus(message_uuid.toUpperCase(), "sent", { ts: iso(2) }),
    ).toMatchObject({
      message_uuid,
      status: "sent",
      sent_ts: iso(2),
      revision: 2,
    });
    expect(
      await logger.updateMessageStatus(message_uuid, "delivered", { ts: new Date(at(3)), external_id: "x" }),
    ).toMatchObject({ delivered_ts: iso(3), external_id: "x", revision: 3 });
    await expect(
      logger.updateMessageStatus("0198c0de-7000-7000-8000-000000000001", "sent"),
    ).rejects.toMatchObject({ code: "not_found" });
    await expect(logger.updateMessageStatus("5", "sent")).rejects.toMatchObject({ code: "invalid" });
    await expect(logger.updateMessageStatus(message_uuid, "gone" as never)).rejects.toMatchObject({
      code: "invalid",
    });
    await expect(logger.updateMessageStatus(message_uuid, "sent", { ts: "soon" })).rejects.toMatchObject({
      code: "invalid",
      message: expect.stringMatching(/^ts is not a time/),
    });
  });
});

describe("a session's numbers", () => {
  it("follow its messages", async () => {
    const { submit, dataDir } = openWriter();
    const session = {
      session_id: "s",
      user_id: "u",
      channel: "email",
      template_id: null,
      template_name: null,
      started_ts: at(0),
      ended_ts: null,
      metadata: "{}",
    };
    await submit({ op: "session", at: at(0), session });
    const uuids = ["a", "b", "c", "d", "e"].map((_, index) =>
      messageEntry({ session_id: "s", origin_ts: at(index) }),
    );
    await submit(...uuids);
    const [a, b, c, d] = uuids.map(({ message }) => message.message_uuid);
    await submit(
      statusEntry(a ?? "", "sent", { ts: at(10) }),
      statusEntry(b ?? "", "delivered", { ts: at(20) }),
      statusEntry(c ?? "", "failed", { ts: at(30), error_message: "550 no such user" }),
      statusEntry(d ?? "", "cancelled", { ts: at(30) }),
    );
    const read = (database: ReadableDatabase) => finish(getSession(database, { session_id: "s" }));
    const database = openReader(dataDir);
    expect(read(database).session).toMatchObject({
      total: 5,
      successful: 2,
      failed: 1,
      pending: 1,
      cancelled: 1,
      success_rate: 0.4,
      average_send_seconds: 10,
      errors: [{ text: "550 no such user", count: 1 }],
      ended_ts: null,
    });
    await submit(statusEntry(c ?? "", "pending", { ts: at(40) }), {
      op: "session_end",
      at: at(50),
      session_id: "s",
    });
    expect(read(database).session).toMatchObject({ failed: 0, pending: 2, errors: [], ended_ts: iso(50) });
    await submit({ op: "session_end", at: at(60), session_id: "s" });
    expect(read(database).session.ended_ts).toBe(iso(50));
    expect(await submit({ op: "session_end", at: at(60), session_id: "none" })).toEqual([
      { outcome: "unknown" },
    ]);
  });

  it("are there for a session that a message names before it is begun, and take its description then", async () => {
    const logger = await openLogger();
    await logger.logMessage({ session_id: "early", channel: "sms", origin_ts: iso(5) }).accepted;
    expect((await logger.read("sessions.get", { session_id: "early" })).session).toMatchObject({
      channel: "sms",
      started_ts: iso(5),
      total: 1,
    });
    const begun = await logger.beginSession({
      session_id: "early",
      channel: "email",
      template_name: "welcome",
      metadata: { campaign: 1 },
    });
    expect(begun).toMatchObject({
      channel: "email",
      template_name: "welcome",
      metadata: { campaign: 1 },
      started_ts: iso(5),
      total: 1,
    });
    await expect(logger.beginSession({ session_id: "early" })).rejects.toMatchObject({ code: "conflict" });
    const id = logger.startSession({ channel: "chat" });
    logger.logMessage({ session_id: id, status: "sent" });
    expect(await logger.endSession(id)).toMatchObject({
      session_id: id,
      channel: "chat",
      total: 1,
      successful: 1,
    });
    await expect(logger.endSession("none")).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("reasons of failure", () => {
  it.each([
    ["550 5.1.1 <ann@example.com>: user unknown", "550 5.1.1 <<address>>: user unknown"],
    ["timeout after 3000 ms", "timeout after <n> ms"],
    ["HTTP 429 for https://api.example.com/v1/send?id=5", "HTTP 429 for <url>"],
    ["id 0198c0de-7000-7000-8000-000000000001 was refused", "id <id> was refused"],
  ])("take out what differs: %s", (text, template) => {
    expect(errorTemplate(text)).toBe(template);
  });

  it("are few for many failures, with a sample and when they were seen", async () => {
    const { submit, dataDir } = openWriter();
    await submit(
      ...[4, 2, 9].map((second, index) =>
        messageEntry({
          status: "failed",
          origin_ts: at(second),
          error_message: `mailbox of user${index}@example.com is full`,
        }),
      ),
      messageEntry({ status: "failed", origin_ts: at(1), error_message: "no route" }),
    );
    const report = analyticsReport(openReader(dataDir), { from: iso(0), to: iso(3_600) });
    expect(report.top_errors).toMatchObject([
      {
        template: "mailbox of <address> is full",
        sample: "mailbox of user0@example.com is full",
        count: 3,
        first_seen_ts: iso(2),
        last_seen_ts: iso(9),
      },
      { template: "no route", count: 1 },
    ]);
  });

  it("go with the error that a retry clears", async () => {
    const { submit, dataDir } = openWriter();
    const entry = messageEntry({ status: "failed", origin_ts: at(0), error_message: "no route" });
    await submit(entry, statusEntry(entry.message.message_uuid, "sent", { ts: at(5) }));
    const database = openReader(dataDir);
    expect(analyticsReport(database, { from: iso(0), to: iso(3_600) }).top_errors).toEqual([]);
    expect(rows(database, "SELECT error_template_id FROM message_logs")).toEqual([
      { error_template_id: null },
    ]);
  });
});
