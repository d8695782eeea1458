import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { ARCHIVE_MIGRATIONS, migrateArchive } from "../../src-main/archive/migrate.ts";
import { ArchiveDatabase } from "../../src-main/archive/read/archive-database.ts";
import { countMatches } from "../../src-main/archive/read/messages.ts";
import { compileArchiveQuery } from "../../src-main/archive/read/query-sql.ts";
import { WHOLE_RECORD } from "../../src-main/archive/read/record-row.ts";
import { walk } from "../../src-main/archive/read/walk.ts";
import { wordsAreIndexed } from "../../src-main/archive/read/word-index.ts";
import { wordMessages } from "../../src-main/archive/word-messages.ts";
import { wordsOf } from "../../src-main/archive/words.ts";
import { writeBatch } from "../../src-main/archive/write-batch.ts";
import { keepUp } from "../../src-main/consume/keep-up.ts";
import { newId } from "../../src-shared/new-id.ts";
import { compileMatcher } from "../../src-shared/query/match.ts";
import type { SearchedTexts } from "../../src-shared/query/tokens.ts";
import type { MessageInput, StoredMessage } from "../../src-shared/record.ts";
import { type Archive, archiveRow, createArchive } from "../support/archive.ts";
import { cleanUpAtEnd } from "../support/ledger.ts";
import { hasPostgres, type Postgres, startPostgres } from "../support/postgres.ts";
import { archiveOf } from "../support/two-stores.ts";
import { messages as anyMessage, queries as anyQuery } from "../unit/query-arbitraries.ts";
import { CASES, MESSAGES } from "../unit/query-cases.ts";
import { message, NOW, read } from "../unit/query-fixtures.ts";

cleanUpAtEnd();

let postgres: Postgres;

/** What the index of words leads to, for a query that it narrows; null for another. */
async function findByWords(database: ArchiveDatabase, text: string): Promise<string[] | null> {
  const filter = compileArchiveQuery(read(text));
  if (!(await wordsAreIndexed(database, filter))) return null;
  const found: string[] = [];
  const options = { columns: WHOLE_RECORD, rows: 3, lookedAtFirst: 0 };
  for await (const { rows } of walk(database, filter, options))
    found.push(...rows.map(({ message_uuid }) => message_uuid));
  return found;
}

function expected(messages: readonly StoredMessage[], text: string): string[] {
  const matches = compileMatcher(read(text));
  return messages
    .filter((each) => matches(each))
    .sort((a, b) => b.origin_ts - a.origin_ts || (a.message_uuid < b.message_uuid ? 1 : -1))
    .map(({ message_uuid }) => message_uuid);
}

/** Finds what it should for each query that the index narrows; how many of them it does. */
async function expectFound(
  { database }: { database: ArchiveDatabase },
  messages: readonly StoredMessage[],
  texts: readonly string[],
): Promise<number> {
  let narrowed = 0;
  for (const text of texts) {
    const found = await findByWords(database, text);
    if (found === null) continue;
    narrowed += 1;
    expect(found, text).toEqual(expected(messages, text));
    expect(await countMatches(database, compileArchiveQuery(read(text))), text).toBe(found.length);
  }
  return narrowed;
}

/** Messages whose words are not what their texts are. */
async function wrongWords({ client }: Archive): Promise<string[]> {
  const { rows } = await client.query<SearchedTexts & { message_uuid: string; words: string | null }>(
    `select m.message_uuid, m.content_preview, m.topic, m.message_type, m.template_name, m.template_id, m.external_id,
       m.error_message, m.source_subject_id, array_to_json(m.destination_subject_ids)::text as destination_subject_ids,
       w.words::text as words
     from message_logs as m full join message_words as w on w.message_uuid = m.message_uuid and w.origin_ts = m.origin_ts`,
  );
  const sorted = (words: string): string => words.split(" ").sort().join(" ");
  return rows
    .filter((row) => row.words === null || sorted(row.words) !== sorted(wordsOf(row)))
    .map(({ message_uuid }) => message_uuid);
}

describe.skipIf(!hasPostgres)("the index of words", () => {
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres?.stop());

  async function freshArchive(isEmpty = false): Promise<Archive> {
    const made = await createArchive(postgres, isEmpty);
    onTestFinished(() => made.client.end());
    return made;
  }

  function open(url: string): ArchiveDatabase {
    const database = new ArchiveDatabase({ connectionString: url });
    onTestFinished(() => database.close());
    return database;
  }

  const write = ({ client }: Archive, ...records: MessageInput[]) =>
    writeBatch(
      client,
      records.map((record) => archiveRow(record)),
    );

  async function wordAll({ client }: Archive): Promise<void> {
    while ((await wordMessages(client, 100)) > 0);
  }

  describe.each(["all", "some", "none"])(
    "finds what the query language says, with %s of it worded",
    (worded) => {
      test("for the table of queries", async () => {
        const messages = Object.values(MESSAGES);
        const archive = await archiveOf(postgres, worded === "some" ? messages.slice(0, 1) : messages);
        if (worded !== "none") await archive.word();
        if (worded === "some") await archive.write(messages.slice(1));
        const texts = CASES.map(([text]) => text);
        expect(await expectFound(archive, messages, texts)).toBeGreaterThan(30);
      });

      test("for any query", async () => {
        const messages = fc.sample(anyMessage, { numRuns: 80, seed: 17 }).map((row, index) => ({
          ...row,
          message_uuid: `0198c0de-7000-7000-8000-0000000000${10 + index}`,
        }));
        const archive = await archiveOf(postgres, messages.slice(0, 40));
        if (worded !== "none") await archive.word();
        await archive.write(messages.slice(40));
        if (worded === "all") await archive.word();
        const texts = fc.sample(anyQuery, { numRuns: 300, seed: 19 });
        expect(await expectFound(archive, messages, texts)).toBeGreaterThan(50);
      });
    },
  );

  test("takes words, and as many of them, as a message may have", async () => {
    const long = "x".repeat(4_000);
    const messages = [
      { topic: `${long}a`, content_preview: "one" },
      { topic: `${long}b`, content_preview: "two" },
      { error_message: Array.from({ length: 10_000 }, (_, index) => `e${index}`).join(" ") },
      {
        destination_subject_ids: JSON.stringify(
          Array.from({ length: 1_000 }, (_, index) => `${"\u4f1a\u8b70".repeat(100)}.${index}@mail.example`),
        ),
      },
      { content_preview: "before\0after", topic: "it's \\ a 'quote' & (more) | :*" },
      { topic: "\u{20000}".repeat(100), template_name: "𝔘𝔫𝔦".repeat(40) },
      { topic: `${"é".repeat(63)}${"𞤀".repeat(3)}` },
    ].map((fields, index) =>
      message({
        ...fields,
        message_uuid: `0198c0de-7000-7000-8000-0000000000${10 + index}`,
        origin_ts: NOW + index,
      }),
    );
    const archive = await archiveOf(postgres, messages);
    await archive.word();
    const stored = messages.map((each) => ({
      ...each,
      content_preview: each.content_preview?.replace("\0", "\ufffd") ?? null,
    }));
    for (const text of [
      `${long}a`,
      `${long}*`,
      `${"x".repeat(64)}*`,
      `${"x".repeat(64)}`,
      "xx*",
      "e9999",
      '"e17 e18 e19"',
      "to:999@mail.example",
      "会議",
      '"before after"',
      "quote more",
      "\u{20000}\u{20000}*",
      "uni*",
      `${"e".repeat(63)}𞤀*`,
      `"${"a ".repeat(1_000)}"`,
    ])
      expect(await findByWords(archive.database, text), text.slice(0, 80)).toEqual(expected(stored, text));
    expect(expected(stored, "e9999")).toHaveLength(1);
    // One letter begins too many words to be looked for.
    expect(await findByWords(archive.database, "x*")).toBeNull();
  });

  test("follows every change of a text, whoever writes it, and is left alone by a change of status", async () => {
    const archive = await freshArchive();
    const database = open(archive.url);
    const unworded = () => archive.psql("select count(*) from waybill.unworded");
    const [a, b] = [newId(), newId()];
    await write(archive, { message_uuid: a, topic: "apples" }, { message_uuid: b, topic: "bees" });
    expect(unworded()).toBe("2");
    await wordAll(archive);
    expect(unworded()).toBe("0");
    await write(archive, { message_uuid: a, topic: "apples", status: "sent", revision: 2 });
    expect(unworded()).toBe("0");
    await write(archive, { message_uuid: a, topic: "apples", error_message: "no cider", revision: 3 });
    expect(await findByWords(database, "cider")).toEqual([a]);
    archive.psql(`update message_logs set topic = 'cows' where message_uuid = '${b}'`);
    expect(await findByWords(database, "cows")).toEqual([b]);
    await wordAll(archive);
    expect(await findByWords(database, "cider")).toEqual([a]);
    expect(await findByWords(database, "cows")).toEqual([b]);
    expect(await findByWords(database, "bees")).toEqual([]);
    // It comes to lie elsewhere in the order of time.
    archive.psql(
      `update message_logs set origin_ts = origin_ts - interval '3 years' where message_uuid = '${a}'`,
    );
    expect(await findByWords(database, "cows OR cider")).toEqual([b, a]);
    await wordAll(archive);
    expect(await findByWords(database, "cows OR cider")).toEqual([b, a]);
    expect(await wrongWords(archive)).toEqual([]);
    archive.psql(`delete from message_logs where message_uuid = '${a}'`);
    expect(archive.psql("select message_uuid from message_words")).toBe(b);
  });

  test("is right in the end while many write and word at once", async () => {
    const archive = await freshArchive();
    const ids = Array.from({ length: 300 }, () => newId());
    const clients = await Promise.all(Array.from({ length: 5 }, () => postgres.connect(archive.database)));
    onTestFinished(() => Promise.all(clients.map((client) => client.end())).then(() => {}));
    const [first, second, ...writers] = clients;
    let isOver = false;
    const wording = [first, second].map(async (client) => {
      while (!isOver && client !== undefined) await wordMessages(client, 70);
    });
    await Promise.all(
      writers.map(async (client, writer) => {
        for (let revision = 1; revision <= 8; revision += 1)
          await writeBatch(
            client,
            ids.map((message_uuid) =>
              archiveRow({ message_uuid, revision: revision * 3 + writer, topic: `t${revision}of${writer}` }),
            ),
          );
      }),
    );
    isOver = true;
    await Promise.all(wording);
    await wordAll(archive);
    expect(archive.psql("select count(*) from waybill.unworded")).toBe("0");
    expect(await wrongWords(archive)).toEqual([]);
  });

  test("is made for an archive that was there before, step by step", async () => {
    const archive = await freshArchive(true);
    await migrateArchive(archive.client, ARCHIVE_MIGRATIONS.slice(0, 1));
    await archive.query(
      `insert into message_logs (message_uuid, user_id, channel, status, origin_ts, content_preview)
       select overlay(waybill_uuid_at(ts)::text placing lpad(to_hex(n), 12, '0') from 25)::uuid, 'u', 'sms', 'sent', ts,
         'parcel ' || n
       from (select n, now() - n * interval '1 hour' as ts from generate_series(1, 2500) as n) as g`,
    );
    await archive.query("create role before_words");
    await archive.query("grant usage on schema waybill to before_words");
    await archive.query("grant select on message_logs to before_words, public");
    await migrateArchive(archive.client);
    const database = open(archive.url);
    expect(await findByWords(database, "2222")).toBeNull();
    expect(await wordMessages(archive.client, 1_000)).toBe(1_000);
    await write(archive, { content_preview: "parcel 2222 again" });
    expect(await findByWords(database, "2222")).toBeNull();
    await wordAll(archive);
    expect(await findByWords(database, "2222")).toHaveLength(2);
    expect(await wrongWords(archive)).toEqual([]);
    await archive.query("set role before_words");
    for (const table of ["public.message_words", "waybill.unworded", "waybill.wording"])
      expect(await archive.query(`select from ${table} limit 0`)).toEqual([]);
    await archive.query("reset role");
  });

  test("is kept beside a worker, across an outage, and ends with it", async () => {
    const archive = await freshArchive();
    const ending = new AbortController();
    const warnings: string[] = [];
    const kept = keepUp(
      {
        archive: { connectionString: archive.url },
        isBusy: () => false,
        onWarning: (sentence) => warnings.push(sentence),
      },
      ending.signal,
    );
    const worded = (count: number): Promise<void> =>
      vi.waitFor(() => expect(archive.psql("select count(*) from message_words")).toBe(String(count)), {
        timeout: 60_000,
        interval: 100,
      });
    await write(archive, {}, {}, {});
    await worded(3);
    archive.psql(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'waybill consume (upkeep)'",
    );
    await write(archive, {});
    await worded(4);
    archive.psql("alter table message_words add constraint no_words check (words is null) not valid");
    await write(archive, {});
    await vi.waitFor(() => expect(warnings).toHaveLength(1), { timeout: 60_000, interval: 100 });
    expect(warnings[0]).toMatch(/^The archive's counts and words can't be kept up: .*no_words/);
    archive.psql("alter table message_words drop constraint no_words");
    await worded(5);
    ending.abort();
    await kept;
    expect(warnings).toHaveLength(1);
  });

  test("lies in months, as the messages do", async () => {
    const archive = await freshArchive();
    await write(archive, {}, { message_uuid: "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11" });
    await wordAll(archive);
    const month = new Date().toISOString().slice(0, 7).replace("-", "_");
    expect(archive.psql("select tableoid::regclass from message_words order by message_uuid")).toBe(
      `waybill.message_words_${month}\nwaybill.message_words_others`,
    );
    const partitions = (table: string) =>
      archive.psql(`select count(*) from pg_inherits where inhparent = '${table}'::regclass`);
    expect(partitions("message_words")).toBe(partitions("message_logs"));
  });
});
