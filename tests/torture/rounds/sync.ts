import { setTimeout as pause } from "node:timers/promises";
import { expectKept } from "../expectations.ts";
import { expectLive, expectWell } from "../recovery.ts";
import type { Round } from "../round.ts";
import { drawFaults, type Planned } from "../sync/draw.ts";
import {
  expectAtQueues,
  expectAtSupabase,
  expectConserved,
  expectDelivered,
  expectDrained,
  expectOutagesOver,
  readRecords,
  watchBalance,
} from "../sync/expectations.ts";
import { reconcile, resend, retry } from "../sync/operator.ts";
import { Stage } from "../sync/stage.ts";
import { resendUnknown, SHAPE, type Weather, WRITER_KINDS, type WriterOptions } from "../writers.ts";

/** Everything is at both sinks so long after the last fault, where an operator presses Retry. */
const DRAINED_MS = 45_000;
/** And so much later where nobody does: the longest pause between two tries. */
const ALONE_MS = 65_000;
/** No caller waits for a sink, but for what a machine does that starts a broker. */
const ANSWER_MS = 5_000;

/** RabbitMQ, Supabase, the network to them and the host itself fail while it forwards: everything arrives, in order, as it was. */
export async function sync(round: Round): Promise<void> {
  const { random } = round;
  const kinds = random.shuffle([...WRITER_KINDS, "ndjson" as const]).slice(0, random.int(2, 3));
  const weather: Weather = { mayBreak: false, mayRefuse: false, mayPutOff: false, limitMs: ANSWER_MS };
  const options: WriterOptions = { weather, shape: SHAPE, pauseMs: random.pick([60, 150, 400]) };
  const lanes = drawFaults(random, kinds, options);
  const isLeftAlone = random.chance(0.25);
  const queueType = random.chance(0.25) ? "classic" : "quorum";
  const names = lanes.flat().map(({ name }) => name);
  round.note([...names, ...(queueType === "classic" ? ["classic queues"] : [])].join(", "));

  const stage = await Stage.open(round, queueType);
  await stage.startWriters(kinds, options);
  const faults = Promise.all(lanes.map((lane) => suffer(stage, lane)));
  await Promise.all([faults, watchBalance(stage, faults)]);
  const since = performance.now();
  const isRetried = stage.needsRetry || !isLeftAlone;
  const limitMs = DRAINED_MS + (isRetried ? 0 : ALONE_MS);
  if (isRetried) await retry(stage);
  else round.note("left alone");
  const host = await stage.host;
  await expectLive(round, host, since);
  await expectDelivered(stage, newestUuid(round), since, limitMs);
  await stage.stopWriters();
  await resendUnknown(round, host);
  await expectWell(round, host, since);
  await expectDrained(stage, since, limitMs);
  round.recoveryMs = performance.now() - since;

  // What an operator does once both are well again.
  const again = performance.now();
  if (stage.needsResend) await resend(stage);
  if (stage.needsReconcile) await reconcile(stage);
  await expectDrained(stage, again, DRAINED_MS);

  const records = await readRecords(stage);
  await expectConserved(stage, records);
  await expectAtQueues(stage, records);
  await expectAtSupabase(stage, records);
  await expectOutagesOver(stage);
  await expectKept(round, host, { inOrder: true });
  if (round.problems.length === 0) stage.areSound();
}

async function suffer(stage: Stage, lane: readonly Planned[]): Promise<void> {
  for (const { afterMs, run } of lane) {
    await pause(afterMs);
    stage.round.faults += 1;
    await run(stage);
  }
}

/** Of the record that was accepted last. */
function newestUuid({ claims }: Round): string {
  return claims.list("acknowledged").at(-1)?.uuid ?? "";
}
