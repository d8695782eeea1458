import { expect, test } from "vitest";
import { RecordIntake } from "../../src-main/api/record-intake.ts";
import type { RecordLine } from "../../src-main/api/record-lines.ts";
import type { Acceptance } from "../../src-shared/contract/messages.ts";

type Sent = { records: unknown[]; accept: (uuids?: string[]) => void; fail: (error: Error) => void };

function intakeOf(batchSize: number, maxInFlight: number) {
  const sent: Sent[] = [];
  const accepted: string[] = [];
  const rejected: string[] = [];
  const intake = new RecordIntake({
    batchSize,
    maxInFlight,
    log: (records) =>
      new Promise<Acceptance>((resolve, reject) => {
        const accept = (uuids = records.map(String)) =>
          resolve({
            accepted: uuids.length,
            duplicates: 0,
            rejected: [],
            message_uuids: uuids,
            receipt: null,
          });
        sent.push({ records, accept, fail: reject });
      }),
    onAccepted: ({ message_uuids }) => void accepted.push(...message_uuids),
    onRejected: (line, error) => rejected.push(`${line.number}: ${error}`),
  });
  return { intake, sent, accepted, rejected };
}

const lines = (...numbers: number[]): RecordLine[] =>
  numbers.map((number) => ({ number, index: number - 1, record: number }));
const turn = () => new Promise((resolve) => setImmediate(resolve));

test("hands out ids in the order of the input, whichever list is accepted first", async () => {
  const { intake, sent, accepted } = intakeOf(2, 2);
  await intake.push(lines(1, 2, 3, 4));
  expect(sent.map(({ records }) => records)).toEqual([
    [1, 2],
    [3, 4],
  ]);
  sent[1]?.accept();
  await turn();
  expect(accepted).toEqual([]);
  sent[0]?.accept();
  await intake.finish();
  expect(accepted).toEqual(["1", "2", "3", "4"]);
});

test("sends what comes slowly at once and makes a quick sender wait", async () => {
  const { intake, sent } = intakeOf(2, 1);
  await intake.push(lines(1));
  expect(sent[0]?.records).toEqual([1]);

  let hasRoom = false;
  const pushed = intake.push(lines(2, 3, 4)).then(() => {
    hasRoom = true;
  });
  await turn();
  expect(hasRoom).toBe(false);
  sent[0]?.accept();
  await pushed;
  expect(sent[1]?.records).toEqual([2, 3]);
  const finished = intake.finish();
  sent[1]?.accept();
  await turn();
  sent[2]?.accept();
  await finished;
});

test("tells bad lines by their number in the input, also those that the ledger rejects", async () => {
  const rejected: string[] = [];
  const intake = new RecordIntake({
    batchSize: 10,
    maxInFlight: 1,
    log: async () => ({
      accepted: 1,
      duplicates: 0,
      rejected: [{ index: 1, error: "bad status" }],
      message_uuids: ["a"],
      receipt: null,
    }),
    onAccepted: () => {},
    onRejected: (line, error) => rejected.push(`${line.number}: ${error}`),
  });
  await intake.push([...lines(5, 7), { number: 6, index: 5, error: "is not JSON", tooLarge: false }]);
  await intake.finish();
  expect(rejected).toEqual(["6: is not JSON", "7: bad status"]);
});

test("after a failure nothing more is sent, and what was under way is still told", async () => {
  const { intake, sent, accepted } = intakeOf(1, 2);
  await intake.push(lines(1, 2, 3).slice(0, 2));
  sent[0]?.fail(new Error("full"));
  sent[1]?.accept();
  await turn();
  await expect(intake.push(lines(3))).rejects.toThrow("full");
  await expect(intake.finish()).rejects.toThrow("full");
  expect(sent).toHaveLength(2);
  expect(accepted).toEqual(["2"]);
});

test("tells of the failure before what was sent beside it is accepted", async () => {
  const { intake, sent, accepted } = intakeOf(1, 2);
  await intake.push(lines(1, 2)).catch(() => {});
  sent[0]?.fail(new Error("full"));
  await turn();
  expect(intake.hasFailed).toBe(true);
  sent[1]?.accept();
  await expect(intake.finish()).rejects.toThrow("full");
  expect(accepted).toEqual(["2"]);
});
