import { setTimeout as pause } from "node:timers/promises";
import { type Disk, KIB, MIB, mountDisk } from "../disk.ts";
import { expectKept } from "../expectations.ts";
import { layFixture } from "../fixture.ts";
import { type Host, startHost } from "../host.ts";
import { expectLive, expectWell, watchSpool } from "../recovery.ts";
import type { Round } from "../round.ts";
import { startTask, TASKS, type Task } from "../tasks.ts";
import { FAIR, SHAPE, startWriters, stopAll, type Weather, type Writer } from "../writers.ts";

const FILLED_BY = ["ballast", "ballast", "records", "task", "task", "migration"] as const;
/** The writers go on for so long without room. */
const LEAST_FULL_MS = 400;
const MOST_FULL_MS = 1_400;
/** Records alone should have filled the disk by then. */
const FILL_MS = 15_000;

type Filled = (typeof FILLED_BY)[number];

/** The disk fills while logging, or during upkeep: what was accepted stays, and it goes on once there is room. */
export async function full(round: Round): Promise<void> {
  const { random } = round;
  const filledBy = random.pick(FILLED_BY);
  const task = filledBy === "task" ? random.pick(TASKS) : null;
  const leave = random.pick([0, 0, 4 * KIB, 64 * KIB, 300 * KIB]);
  const fullMs = random.int(LEAST_FULL_MS, MOST_FULL_MS);
  const isRestarted = filledBy === "ballast" && random.chance(0.3);
  const isPruned = filledBy === "records" && random.chance(0.5);
  const bytes = filledBy === "records" ? random.int(4, 8) * MIB : 64 * MIB;
  round.note(
    `filled by ${filledBy}${task === null ? "" : ` ${task.name}`}, ${Math.round(leave / KIB)} KiB left for ${fullMs} ms`,
  );

  const disk = mountDisk(round, bytes);
  const before = filledBy === "migration" ? layFixture(round) : 0;
  if (before > 0) disk.fill(leave);
  let host = await startHost(round);
  // The disk may be full before each writer has begun.
  const weather: Weather = { ...FAIR, mayRefuse: before > 0 || filledBy === "records", mayPutOff: true };
  const old = task?.name === "prune" || isPruned ? 0.4 : 0;
  const shape = { ...SHAPE, old, bytes: filledBy === "records" ? 6_000 : 800 };
  const writers = startWriters(round, host, ["single", "ndjson", "cli"], { weather, shape, pauseMs: 8 });
  if (before === 0) await Promise.all(writers.map(({ begun }) => begun));
  if (task !== null) await pause(300);

  weather.mayRefuse = true;
  round.faults += 1;
  await fillUp(round, { disk, host, filledBy, task, leave, fullMs });
  if (isRestarted) {
    await stopAll(writers);
    host = await restart(round, host);
  }
  if (isPruned) await pruneToGoOn(round, host);
  // What a prune makes room for fills the disk again.
  if (filledBy === "records") disk.resize(4 * bytes);
  else disk.clear();
  const since = performance.now();
  await expectLive(round, host, since);
  await goOn(round, host, writers);
  await expectWell(round, host, since);
  await expectKept(round, host, { before, isSmallDisk: true, inOrder: true });
}

/** A full disk keeps no host from ending in order, nor from starting. */
async function restart(round: Round, host: Host): Promise<Host> {
  round.note("restarted meanwhile");
  const { code, signal } = await host.stop();
  if (code !== 0)
    round.problem(`on a full disk the host ended with ${signal ?? code}: ${host.child.stderr().trim()}`);
  return startHost(round);
}

/** Room for deleting is kept: what makes room again is a `prune`, and nothing else. Then records are accepted, by whoever is first. */
async function pruneToGoOn(round: Round, host: Host): Promise<void> {
  round.note("pruned to go on");
  const before = round.claims.count("acknowledged");
  const { code, stderr } = await startTask(round, { name: "prune" }).ended();
  if (code !== 0)
    round.problem(`on a disk that the records filled, prune ended with ${code}: ${stderr.trim()}`);
  if (round.claims.count("acknowledged") === before) await expectLive(round, host, performance.now());
}

type Filling = { disk: Disk; host: Host; filledBy: Filled; task: Task | null; leave: number; fullMs: number };

async function fillUp(round: Round, { disk, host, filledBy, task, leave, fullMs }: Filling): Promise<void> {
  if (filledBy === "records") {
    const until = performance.now() + FILL_MS;
    while (round.claims.count("refused") === 0 && performance.now() < until) await pause(50);
    if (round.claims.count("refused") === 0)
      round.problem("the records filled the disk, and none was refused");
  } else if (task !== null) {
    // Either side may come first: room for the task's beginning, or for none of it.
    const slack = round.random.pick([leave, leave + 256 * KIB, leave + 2 * MIB]);
    disk.fill(slack);
    const running = startTask(round, task, disk.path);
    await pause(round.random.int(0, 500));
    disk.fill(leave);
    const { code } = await running.ended();
    round.note(`${task.name} ended with ${code}`);
  } else {
    disk.fill(leave);
  }
  const passed = pause(fullMs);
  await Promise.all([passed, watchSpool(round, host, passed)]);
}

/** Writers that met no room are done; new ones begin, and are refused nothing. */
async function goOn(round: Round, host: Host, writers: readonly Writer[]): Promise<void> {
  await stopAll(writers);
  const options = { weather: { ...FAIR, mayPutOff: true }, shape: SHAPE, pauseMs: 5 };
  const next = startWriters(round, host, ["single", "cli"], options, 1);
  await Promise.all(next.map(({ begun }) => begun));
  await stopAll(next);
}
