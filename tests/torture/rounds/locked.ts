import { setTimeout as pause } from "node:timers/promises";
import { expectKept } from "../expectations.ts";
import { startHost } from "../host.ts";
import { holdLock } from "../lock.ts";
import { expectLive, expectWell, watchSpool } from "../recovery.ts";
import { isLong, type Round } from "../round.ts";
import { FAIR, SHAPE, startWriters, stopAll, type Weather } from "../writers.ts";

const LONG_MS = 60_000;
/** The database itself waits a second for a lock: one that is held for hardly longer may be gone before anything is spooled. */
const SPOOLING_MS = 2_000;
/** No caller waits for the lock, but for the second that the database waits itself, on a machine that has more to do. */
const ANSWER_MS = 3_000;

/** Another process holds the write lock: callers do not wait, and what they send drains in order. */
export async function locked(round: Round): Promise<void> {
  const { random } = round;
  const mode = random.pick(["immediate", "exclusive"] as const);
  const long = isLong(round.plan.index);
  // Mostly short: the patience of a caller ends after the first second.
  const holdMs = long ? LONG_MS : Math.round(1_000 + 3_000 * random.next() ** 3);
  const isCliLate = random.chance(0.5);

  const weather: Weather = { ...FAIR };
  const options = { weather, shape: SHAPE, pauseMs: long ? 300 : 15 };
  const host = await startHost(round);
  const writers = startWriters(
    round,
    host,
    isCliLate ? ["single", "ndjson"] : ["single", "ndjson", "cli"],
    options,
  );
  await Promise.all(writers.map(({ begun }) => begun));
  const lock = await holdLock(round, mode);
  weather.mayPutOff = true;
  weather.limitMs = ANSWER_MS;
  if (isCliLate) writers.push(...startWriters(round, host, ["cli"], options, 1));
  round.faults += 1;
  const held = pause(holdMs);
  await Promise.all([held, watchSpool(round, host, held)]);
  round.note(`lock held ${holdMs / 1_000} s (${mode}${isCliLate ? ", log --ack started meanwhile" : ""})`);
  await lock.release();
  const since = performance.now();
  await expectLive(round, host, since);
  await stopAll(writers);
  await expectWell(round, host, since);
  if (round.spooled === 0 && holdMs >= SPOOLING_MS)
    round.problem("nothing went to the spool while the lock was held");
  await expectKept(round, host, { inOrder: true });
}
