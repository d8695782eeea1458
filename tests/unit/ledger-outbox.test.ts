import fc from "fast-check";
import { expect, it } from "vitest";
import { openReadable } from "../../src-main/ledger/open.ts";
import { Outbox } from "../../src-main/ledger/reader/outbox.ts";
import { lastPosition, positionsBetween } from "../../src-main/ledger/reader/sync.ts";
import type { MessageRecord } from "../../src-shared/record.ts";
import { STATUSES, type Status } from "../../src-shared/status.ts";
import { cleanUp, openLogger } from "../support/ledger.ts";

const report = fc.record({
  message: fc.nat({ max: 2 }),
  status: fc.constantFrom<Status>(...STATUSES),
  minutes: fc.integer({ min: -5, max: 5 }),
  external_id: fc.option(fc.constantFrom("a", "b"), { nil: null }),
  error_message: fc.option(fc.constantFrom("no route", "mailbox full"), { nil: null }),
});

it("gives back each state that a record was in, in the order of the changes, whatever the page", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(report, { maxLength: 12 }),
      fc.integer({ min: 1, max: 5 }),
      async (reports, limit) => {
        const logger = await openLogger();
        const start = Date.UTC(2026, 0, 1);
        const uuids: string[] = [];
        const states: MessageRecord[] = [];
        for (const status of ["pending", "failed", "sent"] as const) {
          const { message_uuid, accepted } = logger.logMessage({ status, origin_ts: start });
          await accepted;
          uuids.push(message_uuid);
          states.push(recordOf(await logger.getMessage(message_uuid)));
        }
        const newest = new Map(states.map((state) => [state.message_uuid, state]));
        for (const { message, status, minutes, ...options } of reports) {
          const ts = start + minutes * 60_000;
          const after = await logger.updateMessageStatus(uuids[message] ?? "", status, { ...options, ts });
          if (after === null || after.revision === newest.get(after.message_uuid)?.revision) continue;
          newest.set(after.message_uuid, after);
          states.push(after);
        }
        const database = openReadable(logger.databaseFile);
        const outbox = new Outbox(database);
        const last = lastPosition(database, "message");
        const sent: MessageRecord[] = [];
        const passed: number[] = [];
        for (let at = 0; at < last; ) {
          const page = outbox.texts(at, last, limit);
          sent.push(...page.changes.map(({ record }) => JSON.parse(record.json) as MessageRecord));
          passed.push(...page.positions);
          expect(page.upTo).toBeGreaterThan(at);
          at = page.upTo;
        }
        const folded = outbox.messages(0, last, 1_000).changes.map(({ record }) => record);
        database.close();
        await logger.close();
        expect(sent).toEqual(states);
        expect(passed).toEqual(Array.from({ length: last }, (_, index) => index + 1));
        expect(folded).toEqual(uuids.map((uuid) => newest.get(uuid)));
      },
    ),
    { numRuns: 25 },
  );
}, 60_000);

function recordOf(found: { message: MessageRecord } | null): MessageRecord {
  if (found === null) throw new Error("It was accepted and is not there");
  return found.message;
}

it("finds the positions of a time by halving, also beside a gap", async () => {
  const logger = await openLogger();
  for (let index = 0; index < 5; index += 1) await logger.logMessages([{}]);
  const database = openReadable(logger.databaseFile);
  cleanUp(() => {
    database.close();
  });
  const times = database
    .prepare("SELECT recorded_ts FROM message_events ORDER BY event_id")
    .pluck()
    .all() as number[];
  const [first = 0, last = 0] = [times[0], times.at(-1)];
  expect(positionsBetween(database, "message", first, last)).toEqual([1, 5]);
  expect(positionsBetween(database, "message", 0, first - 1)).toBeNull();
  expect(positionsBetween(database, "message", last + 1, last + 2)).toBeNull();
  expect(positionsBetween(database, "message", 0, Number.MAX_SAFE_INTEGER - 1)).toEqual([1, 5]);
});
