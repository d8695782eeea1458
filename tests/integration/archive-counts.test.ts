import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { uncountedJson } from "../../src-main/archive/batch-counts.ts";
import { isRefusal } from "../../src-main/archive/connection.ts";
import { ARCHIVE_MIGRATIONS, migrateArchive } from "../../src-main/archive/migrate.ts";
import { ArchiveDatabase } from "../../src-main/archive/read/archive-database.ts";
import { keptCounts } from "../../src-main/archive/read/kept-counts.ts";
import { sumCounts } from "../../src-main/archive/sum-counts.ts";
import { writeBatch } from "../../src-main/archive/write-batch.ts";
import { messagesJson } from "../../src-main/archive/write-rows.ts";
import { keepUp } from "../../src-main/consume/keep-up.ts";
import { type CountedMessage, count, emptyTally } from "../../src-main/ledger/tally.ts";
import type { MessageInput } from "../../src-shared/record.ts";
import { STATUSES } from "../../src-shared/status.ts";
import { DAY_MS, HOUR_MS } from "../../src-shared/time.ts";
import { type Archive, archiveRow, createArchive, WRONG_HOURS } from "../support/archive.ts";
import { hasPostgres, type Postgres, startPostgres } from "../support/postgres.ts";

const IDS = Array.from({ length: 60 }, (_, index) => `0198c0de-7000-7000-8000-0000000000${10 + index}`);
const START = Date.UTC(2026, 0, 5);
const EARLIEST = Date.parse("0000-01-01T00:00:00Z");
const LATEST = Date.parse("9999-12-31T23:59:59.999Z");
const ALL = { from: EARLIEST, to: LATEST + 1 };
const PERIODS = [
  ALL,
  { from: START, to: START + 2 * DAY_MS },
  { from: START - 100 * DAY_MS, to: START + 90 * DAY_MS },
];
const DIMENSIONS = ["template", "domain", "sent", "delivered"] as const;

/** In one day, the next, months before and after, and at the ends of time. */
const origins = fc.constantFrom(
  ...[0, 1, 23, 24, 31 * 24, -90 * 24, 400 * 24].map((hours) => START + hours * HOUR_MS + 123),
  EARLIEST,
  LATEST,
);
const recipients = fc.constantFrom("a@mail.example", "b@Mail.Example", "x@b.example", "+49 1", "a@", "a@b@c");
const within = (ms: number): number => Math.min(LATEST, Math.max(EARLIEST, ms));
const latencies = fc.constantFrom(null, -5_000, 0, 1, 2, 900, 65_536, 3 * DAY_MS, LATEST);

/** What a consumer may be given next. */
const revisions: fc.Arbitrary<MessageInput> = fc
  .record({
    message_uuid: fc.constantFrom(...IDS),
    revision: fc.integer({ min: 1, max: 40 }),
    channel: fc.constantFrom("sms", "email", "c\0"),
    status: fc.constantFrom(...STATUSES),
    origin_ts: origins,
    sent: latencies,
    delivered: latencies,
    template_id: fc.constantFrom(null, "t1", "t2", "x".repeat(4_000)),
    template_name: fc.constantFrom(null, null, "Welcome", "n\0", "\u{1f44b}".repeat(600)),
    destination_subject_ids: fc.array(recipients, { maxLength: 4 }),
  })
  .map(({ sent, delivered, ...fields }) => ({
    ...fields,
    sent_ts: sent === null ? null : within(fields.origin_ts + sent),
    delivered_ts: delivered === null ? null : within(fields.origin_ts + delivered),
  }));

function batchesOf(number: number, seed: number): MessageInput[][] {
  return fc.sample(fc.array(revisions, { minLength: 1, maxLength: 30 }), { numRuns: number, seed });
}

/** Counts under `key status`, those that are none left out. */
type Sums = Map<string, number>;

function add(sums: Sums, key: string, messages: number): void {
  const sum = (sums.get(key) ?? 0) + messages;
  if (sum === 0) sums.delete(key);
  else sums.set(key, sum);
}

/** What should be counted, from the messages themselves and by the ledger's own counting. */
async function recount({ query }: Archive, { from, to }: { from: number; to: number }): Promise<Sums> {
  const tally = emptyTally();
  const ms = (column: string) => `floor(extract(epoch from ${column}) * 1000)::float8 as ${column}`;
  for (const message of await query<CountedMessage>(
    `select session_id, channel, status, template_id, template_name, ${ms("origin_ts")}, ${ms("sent_ts")},
       ${ms("delivered_ts")}, array_to_json(destination_subject_ids)::text as destination_subject_ids from message_logs`,
  ))
    if (message.origin_ts >= from && message.origin_ts < to) count(tally, message, null, 1);
  const sums: Sums = new Map();
  type Uncounted = { dimension: string; keys: string[]; statuses: string[]; messages: number[] };
  for (const { dimension, keys, statuses, messages } of JSON.parse(
    uncountedJson(tally) ?? "[]",
  ) as Uncounted[])
    for (const [index, key] of keys.entries())
      add(sums, `${dimension} ${key} ${statuses[index]}`, messages[index] ?? 0);
  return sums;
}

async function kept(database: ArchiveDatabase, period: { from: number; to: number }): Promise<Sums> {
  const sums: Sums = new Map();
  for (const dimension of DIMENSIONS)
    for (const { key, status, messages } of await keptCounts(database, dimension, period))
      add(sums, `${dimension} ${key} ${status}`, messages);
  return sums;
}

/** Rows of days and blocks that are not the sums of their hours and days. */
const WRONG_SUMS = `
  select * from (
    select dimension, grain, slot, key, status, messages from message_counts
    where grain > case dimension when 'domain' then 1 else 0 end and messages <> 0
  ) as kept full join (
    select dimension, grain + 1 as grain, floor(slot / case grain when 0 then 24.0 else 32.0 end)::int as slot, key,
      status, sum(messages) as messages
    from message_counts where grain < 2 group by 1, 2, 3, 4, 5 having sum(messages) <> 0
  ) as summed using (dimension, grain, slot, key, status)
  where kept.messages is distinct from summed.messages`;

async function expectRight(archive: Archive, database: ArchiveDatabase): Promise<void> {
  for (const period of PERIODS) expect(await kept(database, period)).toEqual(await recount(archive, period));
  expect(await archive.query(WRONG_SUMS)).toEqual([]);
}

describe.skipIf(!hasPostgres)("templates, domains and latencies", () => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres?.stop());

  async function open(isEmpty = false): Promise<{ archive: Archive; database: ArchiveDatabase }> {
    const archive = await createArchive(postgres, isEmpty);
    const database = new ArchiveDatabase({ connectionString: archive.url });
    onTestFinished(async () => {
      await database.close();
      await archive.client.end();
    });
    return { archive, database };
  }

  const write = ({ client }: Archive, batch: readonly MessageInput[]) =>
    writeBatch(
      client,
      batch.map((fields) => archiveRow(fields)),
    );

  async function sumAll({ client }: Archive): Promise<void> {
    while ((await sumCounts(client, 10)) > 0);
  }

  test("equal a recount after each batch, added up or not", async () => {
    const { archive, database } = await open();
    for (const [index, batch] of batchesOf(16, 5).entries()) {
      await write(archive, batch);
      if (index % 4 === 1) await sumCounts(archive.client, 3);
      await expectRight(archive, database);
    }
    await sumAll(archive);
    expect(archive.psql("select count(*) from waybill.uncounted")).toBe("0");
    await expectRight(archive, database);
    expect(await archive.query(WRONG_HOURS)).toEqual([]);
  });

  test("equal a recount when many wrote and added up at once", async () => {
    const { archive, database } = await open();
    const clients = await Promise.all(Array.from({ length: 5 }, () => postgres.connect(archive.database)));
    onTestFinished(() => Promise.all(clients.map((client) => client.end())).then(() => {}));
    const [first, second, ...writers] = clients;
    let isOver = false;
    const summing = [first, second].map(async (client) => {
      while (!isOver && client !== undefined) await sumCounts(client, 5);
    });
    await Promise.all(
      writers.map(async (client, writer) => {
        for (const batch of batchesOf(20, writer))
          await writeBatch(
            client,
            batch.map((fields) => archiveRow(fields)),
          );
      }),
    );
    isOver = true;
    await Promise.all(summing);
    await expectRight(archive, database);
    await sumAll(archive);
    await expectRight(archive, database);
  });

  test("are not added up before there is enough of them to be worth it", async () => {
    const { archive } = await open();
    const [first = [], second = []] = batchesOf(2, 3);
    await write(archive, first);
    expect(await sumCounts(archive.client, 10, 10)).toBe(0);
    expect(archive.psql("select count(*) from message_counts")).toBe("0");
    await write(archive, second);
    const waiting = Number(archive.psql("select count(*) from waybill.uncounted"));
    expect(await sumCounts(archive.client, 10, waiting)).toBe(waiting);
    expect(await sumCounts(archive.client, 10)).toBe(0);
  });

  /** An archive as the version before left it, with messages in it. */
  async function openEarlier(messages: readonly MessageInput[]): ReturnType<typeof open> {
    const { archive, database } = await open(true);
    await migrateArchive(archive.client, ARCHIVE_MIGRATIONS.slice(0, 2));
    const rows = [...new Map(messages.map((each) => [each.message_uuid, archiveRow(each)])).values()];
    const columns = `message_uuid, user_id, channel, status, origin_ts, sent_ts, delivered_ts, template_id, template_name,
      destination_subject_ids, revision`;
    await archive.query(
      `insert into message_logs (${columns}) select ${columns} from json_to_recordset($1::json) as r (message_uuid uuid,
         user_id text, channel text, status text, origin_ts timestamptz, sent_ts timestamptz, delivered_ts timestamptz,
         template_id text, template_name text, destination_subject_ids text[], revision integer)`,
      [messagesJson(rows)],
    );
    await archive.query(
      `insert into message_hours select date_trunc('hour', origin_ts, 'UTC'), channel, status,
         left(coalesce(template_id, ''), 250), count(*) from message_logs group by 1, 2, 3, 4`,
    );
    return { archive, database };
  }

  test("of an archive from before are right at each step until it is counted, whatever comes meanwhile", async () => {
    const batches = batchesOf(40, 11);
    const { archive, database } = await openEarlier(batches.splice(0, 12).flat());
    await archive.query("create role before_counts");
    await archive.query("grant usage on schema waybill to before_counts");
    await archive.query("grant select on message_logs to before_counts");
    await migrateArchive(archive.client);
    await expectRight(archive, database);
    expect(await archive.query(WRONG_HOURS)).toEqual([]);
    const behind = () => archive.psql("select behind from waybill.counting");
    const days = new Set<string>();
    for (let step = 0; behind() !== ""; step += 1) {
      await write(archive, batches.shift() ?? []);
      // What is noted is added, and where that is too little, a day of those from before is counted.
      await sumCounts(archive.client, 2, step % 3 === 0 ? 1 : 1_000);
      await expectRight(archive, database);
      days.add(behind());
    }
    expect(days.size).toBeGreaterThan(5);
    await sumAll(archive);
    await expectRight(archive, database);
    expect(await archive.query(WRONG_HOURS)).toEqual([]);
    await archive.query("set role before_counts");
    for (const table of ["public.message_counts", "waybill.uncounted", "waybill.counting"])
      expect(await archive.query(`select from ${table} limit 0`)).toEqual([]);
    await archive.query("reset role");
  });

  test("are added up beside a worker, and those from before counted", async () => {
    const [before = [], ...batches] = batchesOf(4, 23);
    const { archive, database } = await openEarlier(before);
    await migrateArchive(archive.client);
    for (const batch of batches) await write(archive, batch);
    const ending = new AbortController();
    const warnings: string[] = [];
    const options = { archive: { connectionString: archive.url }, isBusy: () => false };
    const done = keepUp({ ...options, onWarning: (sentence) => warnings.push(sentence) }, ending.signal);
    const left = "select (select count(*) from waybill.uncounted), (select count(*) from waybill.counting)";
    await vi.waitFor(() => expect(archive.psql(left)).toBe("0|0"), { timeout: 60_000, interval: 100 });
    ending.abort();
    await done;
    expect(warnings).toEqual([]);
    await expectRight(archive, database);
  });

  test("are waited for by no one where the archive is new", async () => {
    const { archive } = await open();
    expect(archive.psql("select count(*) from waybill.counting")).toBe("0");
  });

  test("miss nothing of a worker of the version before, whose next batch fails, and not for its messages' sake", async () => {
    const { archive, database } = await openEarlier([]);
    const worker = await postgres.connect(archive.database);
    onTestFinished(() => worker.end());
    const insert = `insert into message_logs (message_uuid, user_id, channel, status, origin_ts, template_id)
      values ($1, 'u', 'sms', 'sent', now(), 't')`;
    const number = "select nextval('waybill.batches')";
    await worker.query("begin");
    await worker.query(insert, [IDS[0]]);
    await worker.query(number);
    const migrated = migrateArchive(archive.client);
    let isMigrated = false;
    void migrated.then(() => {
      isMigrated = true;
    });
    await expect
      .poll(async () => (await worker.query("select from pg_locks where not granted")).rowCount)
      .toBe(1);
    expect(isMigrated).toBe(false);
    await worker.query("commit");
    await migrated;
    await expectRight(archive, database);
    await sumAll(archive);
    await expectRight(archive, database);
    expect(archive.psql("select key, messages from message_counts where grain = 0")).toBe("t|1");
    await worker.query("begin");
    await worker.query(insert, [IDS[1]]);
    const failure = await worker.query(number).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "42P01" });
    expect(isRefusal(failure)).toBe(false);
    await worker.query("rollback");
  });
});
