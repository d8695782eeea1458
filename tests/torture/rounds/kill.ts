import { setTimeout as pause } from "node:timers/promises";
import { expectKept } from "../expectations.ts";
import { layFixture } from "../fixture.ts";
import { type Host, launchHost, startHost } from "../host.ts";
import { holdLock } from "../lock.ts";
import { expectLive, expectWell } from "../recovery.ts";
import type { Round } from "../round.ts";
import { startTask, TASKS } from "../tasks.ts";
import {
  resendUnknown,
  SHAPE,
  startWriters,
  stopAll,
  type Weather,
  WRITER_KINDS,
  type Writer,
} from "../writers.ts";

/** kill -9 of the host, the writers or both while they log; now and then again while the next host recovers. */
export async function kill(round: Round): Promise<void> {
  const { random } = round;
  const kinds = random.shuffle([...WRITER_KINDS, "single" as const]).slice(0, random.int(2, 3));
  const victim = random.pick(["host", "host", "both", "writers"] as const);
  const isLocked = random.chance(0.25);
  const task = random.chance(0.3) ? random.pick(TASKS) : null;
  // A prune would take its records, once they are old.
  const before = task?.name !== "prune" && random.chance(0.2) ? layFixture(round) : 0;
  const afterMs = random.int(0, 700);
  const againMs = Array.from({ length: random.chance(0.35) ? random.int(1, 2) : 0 }, () =>
    random.int(50, 600),
  );

  // A v1 ledger is migrated by the first start.
  const firstMs = before > 0 && random.chance(0.5) ? random.int(150, 450) : null;

  const weather: Weather = { mayBreak: true, mayRefuse: false, mayPutOff: true, limitMs: null };
  if (firstMs !== null) await killInStart(round, firstMs);
  const host = await startHost(round);
  const shape = { ...SHAPE, old: task?.name === "prune" ? 0.2 : 0 };
  const writers = startWriters(round, host, kinds, { weather, shape, pauseMs: 4 });
  await Promise.all(writers.map(({ begun }) => begun));
  const lock = isLocked ? await holdLock(round, "immediate") : null;
  const running = task === null ? null : startTask(round, task);
  await pause(afterMs);

  round.note(
    `${victim} killed after ${afterMs} ms of ${kinds.join("+")}${isLocked ? ", while spooling" : ""}` +
      `${task === null ? "" : `, during ${task.name}`}${before > 0 ? ", on a v1 ledger" : ""}`,
  );
  round.faults += 1;
  const heir = await strike({ host, writers, victim });
  let next = heir;
  let since = performance.now();
  if (next === null) {
    for (const ms of againMs) await killInStart(round, ms);
    since = performance.now();
    next = await startHost(round);
  }
  await expectLive(round, next, since);
  await lock?.release();
  await running?.ended();
  await stopAll(writers);
  await resendUnknown(round, next);
  await expectWell(round, next, performance.now());
  await expectKept(round, next, { before, inOrder: true });
}

async function killInStart(round: Round, ms: number): Promise<void> {
  const child = launchHost(round);
  await pause(ms);
  await child.kill();
  round.faults += 1;
  round.note(`killed ${ms} ms into a start`);
}

type Strike = { host: Host; writers: readonly Writer[]; victim: "host" | "writers" | "both" };

/** Gives the host where it lives on. */
async function strike({ host, writers, victim }: Strike): Promise<Host | null> {
  const killed = victim === "host" ? [] : writers.map((writer) => writer.kill());
  if (victim !== "writers") killed.push(host.kill());
  await Promise.all(killed);
  if (victim !== "host") await stopAll(writers);
  return victim === "writers" ? host : null;
}
