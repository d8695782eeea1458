import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { Delivery, Outage, SinkStatus, SyncStatus } from "../../../src-shared/contract/sync.ts";
import { SINKS, type SinkCounts } from "../../../src-shared/contract/sync-counts.ts";
import type { MessageRecord } from "../../../src-shared/record.ts";
import { drainQueue, type Got, judgeQueue } from "../../support/queue-content.ts";
import { tell } from "../expectations.ts";
import { NoAnswer } from "../host.ts";
import { openLedger } from "../ledger-file.ts";
import { Broken } from "../round.ts";
import { retry } from "./operator.ts";
import { byHarness, type Stage } from "./stage.ts";

const QUEUES = ["message_storage", "message_processing"] as const;
const LOOK_MS = 100;
const WATCH_MS = 300;

/** Delivered, pending and parked are what was accepted, at every moment: looked at now and then until the faults are over. */
export async function watchBalance(stage: Stage, until: Promise<unknown>): Promise<void> {
  let isOver = false;
  const over = until.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    const host = await stage.host;
    try {
      const { sinks, conservation } = await host.health();
      const wrong = [...sinks, conservation].filter(({ balanced }) => !balanced);
      if (wrong.length > 0) stage.round.problem(`health does not add up: ${JSON.stringify(wrong)}`);
    } catch (error) {
      // It may have been killed meanwhile.
      if (error instanceof NoAnswer && (await stage.host) === host) stage.round.problem(error.message);
    }
    await Promise.race([over.catch(() => {}), pause(WATCH_MS)]);
  }
}

/** Nothing waits for a sink, and nothing is parked or to be sent once more, so long after `since` at the latest. */
export async function expectDrained(stage: Stage, since: number, limitMs: number): Promise<void> {
  for (let isRetried = false; ; ) {
    const { sinks } = await stage.status();
    if (sinks.every(isDrained)) return;
    // What was refused just before Retry was pressed is seen as parked only now.
    if (stage.hasParked && !isRetried && sinks.every(hasSent)) {
      isRetried = true;
      await retry(stage);
    }
    if (performance.now() - since > limitMs)
      throw new Broken(
        `not everything had arrived ${limitMs / 1_000} s after the last fault: ${describe({ sinks })}`,
      );
    await pause(LOOK_MS);
  }
}

function isDrained(sink: SinkStatus): boolean {
  return hasSent(sink) && streamsOf(sink).every(({ parked }) => parked === 0);
}

function hasSent(sink: SinkStatus): boolean {
  return sink.resending === 0 && streamsOf(sink).every(({ pending }) => pending === 0);
}

function streamsOf({ counts, sessions }: SinkStatus): SinkCounts[] {
  return sessions === null ? [counts] : [counts, sessions];
}

function describe({ sinks }: Pick<SyncStatus, "sinks">): string {
  return sinks
    .filter((sink) => !isDrained(sink))
    .map(({ sink, state, message, counts, sessions, resending, next_try_ts }) =>
      JSON.stringify({ sink, state, message, counts, sessions, resending, next_try_ts }),
    )
    .join("; ");
}

/** Both sinks have a message. */
export async function expectDelivered(
  stage: Stage,
  uuid: string,
  since: number,
  limitMs: number,
): Promise<void> {
  for (;;) {
    const answer = await stage.ask("sync.deliveries", { message_uuid: uuid });
    // What is not there yet waits in the spool, as it may after a kill.
    if (answer.status === 200 && isEverywhere(answer.text)) return;
    if (performance.now() - since > limitMs) {
      const { sinks } = await stage.status();
      throw new Broken(
        `a new record was not delivered ${limitMs / 1_000} s after the last fault: ${describe({ sinks })}`,
      );
    }
    await pause(LOOK_MS);
  }
}

function isEverywhere(text: string): boolean {
  const { value } = JSON.parse(text) as { value: { deliveries: Delivery[] } };
  const there = value.deliveries.filter(({ state }) => state === "delivered").map(({ sink }) => sink);
  return SINKS.every((sink) => there.includes(sink));
}

/** What the ledger has, by uuid. */
export async function readRecords(stage: Stage): Promise<Map<string, MessageRecord>> {
  const { status, text } = await (await stage.host).send("GET", "/export?format=ndjson");
  if (status !== 200) throw new Broken(`the export was answered ${status}: ${text.slice(0, 300)}`);
  const lines = text.split("\n").filter((line) => line !== "");
  const records = lines.map((line) => JSON.parse(line) as MessageRecord);
  return new Map(records.map((record) => [record.message_uuid, record]));
}

/** Counted by sink: as many changes as the records have revisions, all delivered. */
export async function expectConserved(
  stage: Stage,
  records: ReadonlyMap<string, MessageRecord>,
): Promise<void> {
  const { sinks } = await (await stage.host).health();
  const changes = {
    message: [...records.values()].reduce((sum, { revision }) => sum + revision, 0),
    session: readSessions(stage).reduce((sum, { revision }) => sum + revision, 0),
  };
  for (const { sink, stream, mismatch_ids, ...counts } of sinks) {
    const expected = {
      accepted: changes[stream],
      delivered: changes[stream],
      pending: 0,
      parked: 0,
      removed: 0,
      balanced: true,
    };
    if (!isDeepStrictEqual(counts, expected) || mismatch_ids.length > 0)
      stage.round.problem(
        `health tells ${JSON.stringify({ sink, stream, mismatch_ids, ...counts })}, the ledger has ${changes[stream]} changes`,
      );
  }
  if (sinks.length !== 3) stage.round.problem(`health tells of ${sinks.length} streams to sinks, not of 3`);
}

/** Each queue has every change, as it was, in order, and nothing else; gives how many came more than once. */
export async function expectAtQueues(
  stage: Stage,
  records: ReadonlyMap<string, MessageRecord>,
): Promise<void> {
  const { round, brokerUrl, deletedQueues } = stage;
  const newest = new Map([...records].map(([uuid, { revision }]) => [uuid, revision]));
  const contents = await Promise.all(
    QUEUES.map((queue) => byHarness(drainQueue(brokerUrl, queue), `draining ${queue}`)),
  );
  const duplicates: number[] = [];
  for (const [index, queue] of QUEUES.entries()) {
    const got = contents[index] ?? [];
    const verdict = judgeQueue(got, newest);
    duplicates.push(verdict.duplicates);
    tell(round, verdict.missing, `changes never came to ${queue}`);
    tell(round, verdict.unknown, `changes came to ${queue} that the ledger does not have`);
    // What was in a queue that was deleted comes after what followed it.
    if (!deletedQueues.has(queue)) tell(round, verdict.disordered, `messages came to ${queue} out of order`);
    if (!stage.wasResentUnderLoad)
      tell(round, verdict.disorderedAtLast, `messages last came to ${queue} out of order`);
    tell(round, altered(got, records), `messages came to ${queue} otherwise than the ledger has them`);
  }
  round.note(`${duplicates.join(" + ")} duplicates`);
  if (duplicates.some((count) => count > 0)) await expectExplained(stage);
}

/** The newest state of each message, against the ledger's. */
function altered(got: readonly Got[], records: ReadonlyMap<string, MessageRecord>): string[] {
  return got
    .filter(({ id, revision, body }) => {
      const record = records.get(id);
      return record?.revision === revision && !isDeepStrictEqual(body, record);
    })
    .map(({ id, revision }) => `${id}:${revision}`);
}

/** Nothing comes twice without a reason: an outage of RabbitMQ, or an end of the work on it. */
async function expectExplained(stage: Stage): Promise<void> {
  if (stage.wasInterrupted) return;
  const outages = await readOutages(stage);
  if (!outages.some(({ sink }) => sink === "rabbitmq"))
    stage.round.problem("changes came to RabbitMQ more than once, and nothing had happened to it");
}

/** Each outage has its end. */
export async function expectOutagesOver(stage: Stage): Promise<void> {
  const open = (await readOutages(stage)).filter(({ until_ts }) => until_ts === null);
  tell(
    stage.round,
    open.map(({ sink, message }) => `${sink}: ${message}`),
    "outages go on though everything has arrived",
  );
}

async function readOutages(stage: Stage): Promise<Outage[]> {
  return (await stage.call<{ outages: Outage[] }>("sync.outages", { limit: 1_000 })).outages;
}

/** Supabase has the ledger's records and sessions, each as it is now, and nothing else. */
export async function expectAtSupabase(
  stage: Stage,
  records: ReadonlyMap<string, MessageRecord>,
): Promise<void> {
  const rows = await byHarness(stage.project.query("SELECT * FROM public.message_logs"), "message_logs");
  compare(stage, rows.map(toRecord), records, "message_uuid", "messages");
  const sessions = await byHarness(stage.project.query("SELECT * FROM public.sessions"), "sessions");
  const expected = new Map(readSessions(stage).map((session) => [session.session_id, session]));
  compare(stage, sessions.map(toRecord), expected, "session_id", "sessions");
}

function compare(
  { round }: Stage,
  rows: readonly Record<string, unknown>[],
  expected: ReadonlyMap<string, unknown>,
  key: string,
  what: string,
): void {
  const found = new Set(rows.map((row) => String(row[key])));
  tell(
    round,
    [...expected.keys()].filter((id) => !found.has(id)),
    `${what} are not in Supabase`,
  );
  const wrong = rows.filter((row) => !isDeepStrictEqual(row, expected.get(String(row[key]))));
  tell(
    round,
    wrong.map(
      (row) =>
        `${row[key]} is ${JSON.stringify(row).slice(0, 400)}, and not ${JSON.stringify(expected.get(String(row[key])))?.slice(0, 400)}`,
    ),
    `${what} are in Supabase otherwise than in the ledger`,
  );
}

/** A row of Supabase as Waybill has it: its times are those of the driver, and one column is its own. */
function toRecord({ stored_at: _, ...row }: Record<string, unknown>): Record<string, unknown> {
  const fields = Object.entries(row).map(([name, value]) => [
    name,
    value instanceof Date ? value.toISOString() : value,
  ]);
  return Object.fromEntries(fields);
}

type SessionRow = {
  session_id: string;
  started_ts: number;
  ended_ts: number | null;
  metadata: string;
  revision: number;
};
type SessionFacts = { session_id: string; revision: number };

/** The sessions' own facts. */
function readSessions({ round }: Stage): SessionFacts[] {
  const database = openLedger(join(round.dataDir, "ledger.db"));
  try {
    const rows = database
      .prepare(
        `SELECT session_id, user_id, channel, template_id, template_name, started_ts, ended_ts, metadata, revision
         FROM sessions`,
      )
      .all() as SessionRow[];
    return rows.map((row) => ({
      ...row,
      started_ts: new Date(row.started_ts).toISOString(),
      ended_ts: row.ended_ts === null ? null : new Date(row.ended_ts).toISOString(),
      metadata: JSON.parse(row.metadata) as unknown,
    }));
  } finally {
    database.close();
  }
}
