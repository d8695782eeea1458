import { beforeAll, describe, expect, it } from "vitest";
import type { ReadableDatabase } from "../../src-main/ledger/open.ts";
import { messageHistogram } from "../../src-main/ledger/reader/histogram.ts";
import { countMessages, searchMessages, windowMessages } from "../../src-main/ledger/reader/messages.ts";
import { finish } from "../../src-main/ledger/reader/steps.ts";
import { compileMatcher } from "../../src-shared/query/match.ts";
import { parseQuery } from "../../src-shared/query/parse.ts";
import type { StoredMessage } from "../../src-shared/record.ts";
import { STATUSES } from "../../src-shared/status.ts";
import { HOUR_MS, MINUTE_MS } from "../../src-shared/time.ts";
import { cleanUpAtEnd } from "../support/ledger.ts";
import { messageEntry, openReader, openWriter } from "../support/writer.ts";

cleanUpAtEnd();

const START = Date.UTC(2026, 0, 1);
const COUNT = 12_000;

let database: ReadableDatabase;
let newestFirst: StoredMessage[];

/** Sparse days and a flood of one hour, out of order, so that slices of every kind are walked. */
function originOf(index: number): number {
  if (index % 2 === 0) return START + 50 * HOUR_MS + ((index * 7_919) % (HOUR_MS / 1_000)) * 1_000;
  return START + ((index * 104_729) % (40 * 24 * 60)) * MINUTE_MS;
}

beforeAll(async () => {
  const { submit, dataDir, writer } = openWriter();
  const entries = Array.from({ length: COUNT }, (_, index) =>
    messageEntry({
      channel: index % 1_000 === 7 ? "fax" : (["email", "sms", "Email"][index % 3] ?? ""),
      status: STATUSES[(index * 31) % STATUSES.length] ?? "pending",
      origin_ts: originOf(index),
      topic: index % 501 === 0 ? "Rare Topic" : "orders",
      template_id: index % 700 === 3 ? "welcome-2" : null,
      content_preview: index % 4 === 0 ? `parcel ${index} arrives` : "nothing of note",
      message_data: { number: index },
    }),
  );
  await submit(...entries);
  while (writer.state().indexLag > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  // Some are not in the search index yet.
  database = openReader(dataDir);
  const rows = database.prepare("SELECT * FROM message_logs ORDER BY origin_ts DESC, seq DESC").all();
  newestFirst = rows as StoredMessage[];
}, 60_000);

function matching(q: string): string[] {
  const parsed = parseQuery(q, START);
  if (!parsed.ok) throw new Error(parsed.error.message);
  const matches = compileMatcher(parsed.query);
  return newestFirst.filter((message) => matches(message)).map(({ message_uuid }) => message_uuid);
}

const QUERIES = [
  "",
  "channel:fax",
  "channel:email",
  "channel:telex",
  "status:failed",
  "status:delivered",
  "status:sent,read channel:fax",
  "status:failed status:sent",
  "after:2026-01-03T01:30:00Z before:2026-01-03T02:10:00Z",
  "channel:sms after:2026-01-03T02:30:00Z before:2026-01-09T07:45:30Z",
  "topic:rare*",
  'topic:"rare topic" status:sent',
  "template:WELCOME-2",
  "parcel",
  "parcel channel:fax",
  "-parcel status:read",
  "parcel OR status:failed",
  "data.number:7007",
  "data.number:none",
  "has:template",
];

describe.each(QUERIES)("%j", (q) => {
  it("is found page by page, each match once and in order", () => {
    const expected = matching(q);
    const found: string[] = [];
    for (let cursor: string | null = null; ; ) {
      const page: { messages: { message_uuid: string }[]; next_cursor: string | null } = finish(
        searchMessages(database, { q, limit: 997, cursor }),
      );
      found.push(...page.messages.map(({ message_uuid }) => message_uuid));
      cursor = page.next_cursor;
      if (cursor === null) break;
    }
    expect(found).toEqual(expected);
  });

  it("is found by offset", () => {
    const expected = matching(q);
    for (const offset of [0, 10, Math.floor(expected.length / 2), expected.length - 3]) {
      if (offset < 0) continue;
      const { messages } = finish(windowMessages(database, { q, offset, limit: 50, until: null }));
      expect(messages.map(({ message_uuid }) => message_uuid)).toEqual(expected.slice(offset, offset + 50));
    }
  });

  it("is counted, also up to a position, and over time", () => {
    const expected = matching(q);
    expect(finish(countMessages(database, { q, until: null })).count).toBe(expected.length);
    const early = new Set(
      database.prepare("SELECT message_uuid FROM message_logs WHERE seq <= 5000").pluck().all() as string[],
    );
    expect(finish(countMessages(database, { q, until: 5_000 })).count).toBe(
      expected.filter((uuid) => early.has(uuid)).length,
    );
    const { buckets } = finish(messageHistogram(database, { q, buckets: 80 }));
    expect(buckets.length).toBeLessThanOrEqual(80);
    const sum = buckets.flatMap(({ counts }) => Object.values(counts)).reduce((a, b) => a + b, 0);
    expect(sum).toBe(expected.length);
  });
});
