import { cpSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expectKept } from "../expectations.ts";
import { layFixture } from "../fixture.ts";
import { type Host, startHost } from "../host.ts";
import { readLedger } from "../ledger-file.ts";
import { holdLock } from "../lock.ts";
import type { Mercy } from "../power/file-image.ts";
import { PowerCut } from "../power/power-cut.ts";
import { type Recording, recordWrites } from "../power/recorder.ts";
import { expectLive, expectWell } from "../recovery.ts";
import type { Round } from "../round.ts";
import { FAIR, resendUnknown, SHAPE, startWriters, stopAll, type Weather } from "../writers.ts";

const MERCIES: readonly Mercy[] = ["none", "none", "none", "some", "some", "torn", "torn", "all"];
const ENDS = ["under load", "under load", "under load", "idle", "stopped"] as const;
/** An idle host moves its log to the main file. */
const IDLE_MS = 1_300;

/** The power goes: what was not synced is lost, in whole or in part; nothing that was acknowledged is. */
export async function power(round: Round): Promise<void> {
  const { random } = round;
  const mercy = random.pick(MERCIES);
  const end = random.pick(ENDS);
  const isSpooling = random.chance(0.35);
  const isBackedUp = !isSpooling && random.chance(0.3);
  const before = random.chance(0.2) ? layFixture(round) : 0;
  const afterMs = random.int(0, 700);
  round.note(
    `${end}${isSpooling ? ", while spooling" : ""}${isBackedUp ? ", with a backup" : ""}${before > 0 ? ", on a v1 ledger" : ""}` +
      ` after ${afterMs} ms: ${mercy} of`,
  );

  const recording = await recordWrites(round);
  const cut = new PowerCut(round.dataDir);
  const host = await startHost(round, recording.env);
  const weather: Weather = { ...FAIR, mayBreak: true, mayPutOff: true };
  const writers = startWriters(round, host, ["single", "ndjson"], { weather, shape: SHAPE, pauseMs: 8 });
  await Promise.all(writers.map(({ begun }) => begun));
  const lock = isSpooling ? await holdLock(round, "immediate") : null;
  if (isSpooling) await pause(1_100);
  const backup = isBackedUp ? await backUp(round, host) : null;
  await pause(afterMs);
  await endHost(round, host, end, recording, () => stopAll(writers));
  await stopAll(writers);
  round.faults += 1;

  cut.replay(recording.log);
  // Before the other process may close the ledger as the last one, which empties its log.
  cut.assertComplete();
  await lock?.release();
  round.note(`${cut.unsynced} calls that were not synced`);
  const found = join(round.folder, "after-power");
  mkdirSync(found, { mode: 0o700 });
  cut.restoreTo(found, mercy, random.fork("cut"));
  cpSync(found, join(round.folder, "as-found"), { recursive: true });
  round.dataDir = found;
  if (backup !== null) expectBackup(round, backup);
  const since = performance.now();
  const next = await startHost(round);
  await expectLive(round, next, since);
  await resendUnknown(round, next);
  await expectWell(round, next, since);
  await expectKept(round, next, { before, inOrder: true });
}

async function endHost(
  round: Round,
  host: Host,
  end: (typeof ENDS)[number],
  recording: Recording,
  stopWriters: () => Promise<void>,
): Promise<void> {
  if (end !== "under load") await stopWriters();
  if (end === "idle") await pause(IDLE_MS);
  if (end !== "stopped") {
    await recording.stop();
    return host.kill();
  }
  const { code, signal } = await host.stop();
  if (code !== 0) round.problem(`the host ended with ${signal ?? code}: ${host.child.stderr().trim()}`);
}

/** Makes a backup through the host and gives its name once it is told as done. */
async function backUp(round: Round, host: Host): Promise<string | null> {
  await host.send("POST", "/api/jobs.backup", {});
  const backups = join(round.dataDir, "backups");
  for (let look = 0; look < 40; look += 1) {
    await pause(50);
    const { text } = await host.send("POST", "/api/jobs.list", {});
    const { value } = JSON.parse(text) as { value: { jobs: { state: string }[] } };
    const state = value.jobs[0]?.state;
    if (state === "done")
      return readdirSync(backups).find((name) => name.endsWith(".db") && !name.startsWith(".")) ?? null;
    if (state !== "running") break;
  }
  round.note("no backup came of it");
  return null;
}

/** What was told as a verified backup is one. */
function expectBackup(round: Round, name: string): void {
  const file = join(round.dataDir, "backups", name);
  if (!existsSync(file)) round.problem(`the backup ${name} was told as done and is gone`);
  else for (const finding of readLedger(file).findings) round.problem(`the backup: ${finding}`);
}
