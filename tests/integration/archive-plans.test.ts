import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ArchiveDatabase } from "../../src-main/archive/read/archive-database.ts";
import { readArchive } from "../../src-main/archive/read/read-archive.ts";
import { wordMessages } from "../../src-main/archive/word-messages.ts";
import type { ReadName } from "../../src-main/ledger/reader/serve.ts";
import type { Output, ParsedInput } from "../../src-shared/contract/index.ts";
import { type Archive, createArchive } from "../support/archive.ts";
import { hasPostgres, type Postgres, startPostgres } from "../support/postgres.ts";

const MESSAGES = 40_000;

/** Notes how PostgreSQL goes about each statement. */
class ExplainingDatabase extends ArchiveDatabase {
  plans: string[] = [];

  override async rows<R extends Record<string, unknown>>(
    text: string,
    values: readonly unknown[] = [],
  ): Promise<R[]> {
    const lines = await super.rows<{ "QUERY PLAN": string }>(`EXPLAIN ${text}`, values);
    this.plans.push(lines.map((line) => line["QUERY PLAN"]).join("\n"));
    return super.rows<R>(text, values);
  }
}

describe.skipIf(!hasPostgres)("the archive is read by its indexes", () => {
  let postgres: Postgres;
  let archive: Archive;
  let database: ExplainingDatabase;

  beforeAll(async () => {
    postgres = await startPostgres();
    archive = await createArchive(postgres);
    await archive.query(
      `INSERT INTO message_logs (message_uuid, session_id, user_id, channel, status, origin_ts, source_subject_id,
         destination_subject_ids, content_preview, message_type)
       SELECT overlay(waybill_uuid_at(ts)::text PLACING lpad(to_hex(n), 12, '0') FROM 25)::uuid, 's' || n % 4000, 'u', 'sms',
         CASE WHEN n % 500 = 0 THEN 'failed' ELSE 'sent' END, ts, 'from' || n % 1000, ARRAY['to' || n % 1000],
         'parcel ' || n, 'reminder'
       FROM (SELECT n, '2026-10-01'::timestamptz + n * interval '100 seconds' AS ts
             FROM generate_series(1, ${MESSAGES}) AS n) AS g`,
    );
    while ((await wordMessages(archive.client, 10_000)) > 0);
    await archive.query("VACUUM ANALYZE");
    database = new ExplainingDatabase({ connectionString: archive.url });
  });
  afterAll(async () => {
    await database?.close();
    await archive?.client.end();
    await postgres?.stop();
  });

  async function plansOf<N extends ReadName>(name: N, input: ParsedInput<N>): Promise<[string[], Output<N>]> {
    database.plans = [];
    const output = await readArchive(database, name, input);
    return [database.plans, output];
  }

  /** The months that hold messages are not read as a whole. */
  function expectNoScan(plans: readonly string[]): void {
    for (const plan of plans) expect(plan).not.toMatch(/Seq Scan on message_logs_2026_1[01]/);
  }

  test("a page, and one behind a cursor, walk the messages by time and stop", async () => {
    const [plans, { next_cursor }] = await plansOf("messages.search", { q: "", limit: 50 });
    const [more] = await plansOf("messages.search", { q: "", limit: 50, cursor: next_cursor });
    expectNoScan([...plans, ...more]);
    expect([...plans, ...more].join()).toMatch(/message_logs_2026_1\d_origin_ts_message_uuid_idx/);
    // In order from each partition: nothing is sorted but the page.
    for (const plan of [...plans, ...more]) expect(plan).toMatch(/Merge Append/);
  });

  test.each([
    ["session:s77", /_session_id_idx/, 10],
    ["status:failed", /_status_origin_ts_idx/, 50],
    ["status:failed parcel", /_status_origin_ts_idx/, 50],
    ["uuid:0199a1*", /_pkey/, 50],
  ] as const)("%s is led by its index", async (q, index, count) => {
    const [plans, { messages }] = await plansOf("messages.search", { q, limit: 50 });
    expectNoScan(plans);
    expect(plans.join()).toMatch(index);
    if (!q.startsWith("uuid")) expect(messages).toHaveLength(count);
  });

  test("a subject is found as the sender and as a recipient", async () => {
    const [plans, { messages }] = await plansOf("messages.bySubject", { subject_id: "to7", limit: 100 });
    expectNoScan(plans);
    expect(plans.join()).toMatch(/_source_subject_id_idx/);
    expect(plans.join()).toMatch(/_destination_subject_ids_idx/);
    expect(messages).toHaveLength(MESSAGES / 1_000);
  });

  test("a message is looked up in its one partition", async () => {
    const [, { messages }] = await plansOf("messages.search", { q: "", limit: 1 });
    const message_uuid = messages[0]?.message_uuid ?? "";
    const [plans] = await plansOf("messages.get", { message_uuid });
    for (const plan of plans) expect(plan.match(/ Scan /g)).toHaveLength(1);
  });

  test("words in a time are looked for in that time alone", async () => {
    const q = "parcel after:2026-10-20 before:2026-10-20T01:00Z";
    const [plans, { messages }] = await plansOf("messages.search", { q, limit: 50 });
    expectNoScan(plans);
    expect(messages).toHaveLength(36);
    const [counting, { count }] = await plansOf("messages.count", { q });
    expectNoScan(counting);
    expect(count).toBe(36);
  });

  test("a report reads no messages but for the reasons of failures", async () => {
    const [plans] = await plansOf("stats.report", { from: "2026-10-01", to: "2026-11-10" });
    expect(plans.filter((plan) => plan.includes("message_logs"))).toHaveLength(1);
  });

  test("rare words are looked for among the newest, and then by their index", async () => {
    const [plans, { messages }] = await plansOf("messages.search", { q: "39", limit: 50 });
    expect(messages.map(({ content_preview }) => content_preview)).toEqual(["parcel 39"]);
    expectNoScan(plans);
    expect(plans.join()).toMatch(/Bitmap Index Scan on message_words_2026_10_words_idx/);
    const [counting, { count }] = await plansOf("messages.count", { q: "39" });
    expectNoScan(counting);
    expect(counting.join()).toMatch(/Bitmap Index Scan on message_words_2026_10_words_idx/);
    expect(count).toBe(1);
  });
});
