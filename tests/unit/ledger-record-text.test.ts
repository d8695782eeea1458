import Database from "better-sqlite3";
import fc from "fast-check";
import { expect, it } from "vitest";
import { openReadable } from "../../src-main/ledger/open.ts";
import { Outbox } from "../../src-main/ledger/reader/outbox.ts";
import { STATUSES } from "../../src-shared/status.ts";
import { cleanUp, openLogger } from "../support/ledger.ts";

const FIRST = Date.UTC(2000, 0, 1) - 2000 * 365.2425 * 86_400_000;
const LAST = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

const text = fc.string({ unit: "binary", maxLength: 20 });
const optional = fc.option(text, { nil: null });
const time = fc
  .oneof(fc.constantFrom(FIRST, -1, 0, 1, LAST), fc.integer({ min: FIRST, max: LAST }))
  .map((ms) => new Date(ms).toISOString());
const object = fc.dictionary(text, fc.jsonValue());
const record = fc.record(
  {
    session_id: optional,
    user_id: text,
    channel: text,
    status: fc.constantFrom(...STATUSES),
    origin_ts: time,
    sent_ts: fc.option(time, { nil: null }),
    delivered_ts: time,
    read_ts: time,
    ack_ts: time,
    source_subject_id: optional,
    destination_subject_ids: fc.array(text, { maxLength: 3 }),
    topic: optional,
    message_type: text,
    template_id: optional,
    template_name: optional,
    external_id: optional,
    error_message: optional,
    content_preview: optional,
    message_data: object,
    message_metadata: object,
    revision: fc.integer({ min: 1, max: 5 }),
  },
  { requiredKeys: [] },
);

it("writes a record as JSON.stringify does, byte for byte", async () => {
  const logger = await openLogger();
  const database = openReadable(logger.databaseFile);
  cleanUp(() => {
    database.close();
  });
  const outbox = new Outbox(database);
  let at = 0;
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 10 }), async (records) => {
      const { rejected } = await logger.logMessages(records);
      expect(rejected).toEqual([]);
      const texts = outbox.texts(at, Number.MAX_SAFE_INTEGER, 100);
      const folded = outbox.messages(at, Number.MAX_SAFE_INTEGER, 100);
      at = texts.positions.at(-1) ?? at;
      expect(texts.changes.map((change) => ({ ...change, record: change.record.json }))).toEqual(
        folded.changes.map((change) => ({ ...change, record: JSON.stringify(change.record) })),
      );
      compared += texts.changes.length;
    }),
    { numRuns: 40 },
  );
  expect(compared).toBeGreaterThan(40);
  await logger.close();
}, 60_000);

it("writes also what is nested deeper than SQLite reads", async () => {
  const logger = await openLogger();
  let deep: unknown = 1;
  for (let depth = 0; depth < 3_000; depth += 1) deep = [deep];
  expect((await logger.logMessages([{ message_data: { deep } }])).rejected).toEqual([]);
  const database = openReadable(logger.databaseFile);
  const [change] = new Outbox(database).texts(0, 1, 1).changes;
  database.close();
  await logger.close();
  expect(change?.record.json).toContain(JSON.stringify(deep));
});

it("sends nothing on of a row that is not what was written", async () => {
  const logger = await openLogger();
  await logger.logMessages([{ message_data: { order: 1 } }]);
  const writable = new Database(logger.databaseFile);
  writable.exec(`UPDATE message_logs SET message_data = '{"order":'`);
  writable.close();
  const database = openReadable(logger.databaseFile);
  expect(() => new Outbox(database).texts(0, 1, 1)).toThrow(SyntaxError);
  database.close();
  await logger.close();
});
