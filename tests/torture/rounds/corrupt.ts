import { cpSync, existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { damageHead, damageLog, damagePages, damageSpool, PAGE_TARGETS } from "../damage.ts";
import { deepHealth, expectKept, parseHealth } from "../expectations.ts";
import { type Host, startHost } from "../host.ts";
import { checkpoint, openLedger, readMessages, toldLost } from "../ledger-file.ts";
import { holdLock, type Lock } from "../lock.ts";
import { runWaybill } from "../processes.ts";
import { expectLive, expectWell, spoolFiles } from "../recovery.ts";
import type { Round } from "../round.ts";
import { FAIR, SHAPE, startWriters, stopAll, type Weather } from "../writers.ts";

const TARGETS = [...PAGE_TARGETS, "table", "log scribble", "log truncate", "spool"] as const;
type Target = (typeof TARGETS)[number];

/** It keeps accepting while it sets a damaged file aside. */
const ANSWER_MS = 5_000;
/** What a repair mends is sound; a second one may find what lay behind. */
const MOST_REPAIRS = 2;
/** What was noticed is mended and told of by then. */
const SETTLE_MS = 12_000;
const SETTLE_LOOK_MS = 300;
const SPOOL_MS = 5_000;
/** A host that nobody calls and that has indexed everything has no commit under way by then. */
const IDLE_MS = 50;
const INDEXED_MS = 10_000;
/** How often the file beside the database goes with the pages. */
const HEAD_SHARE = 0.3;

/** Pages are overwritten: it notices, keeps accepting, brings back what can be read, and tells what can't. */
export async function corrupt(round: Round): Promise<void> {
  const { random } = round;
  const target = random.pick(TARGETS);
  const isRunning = random.chance(0.5);
  const isKilled = random.chance(0.5);
  const count = random.pick([1, 1, 2, 4, 8]);

  const weather: Weather = { ...FAIR, mayPutOff: true };
  const options = { weather, shape: { ...SHAPE, bytes: 900 }, pauseMs: 10 };
  let host = await startHost(round);
  const kinds = ["single", "ndjson"] as const;
  let writers = startWriters(round, host, kinds, options);
  await Promise.all(writers.map(({ begun }) => begun));
  await pause(random.int(300, 800));
  const lock = target === "spool" ? await holdLock(round, "immediate") : null;
  if (lock !== null) await untilSpooled(round);
  else if (!target.startsWith("log")) checkpoint(join(round.dataDir, "ledger.db"));
  // A cut in the middle of a commit can't be told from a power cut.
  const isPaused = isRunning && target === "log truncate";
  // An idle host would empty the log before it is cut.
  const reader = isPaused ? holdLog(round) : null;
  // What is acknowledged while the host stands still would be claimed after its page was looked at.
  if (!isRunning || isPaused) await stopAll(writers);
  if (isPaused) await untilIdle(host);

  if (isRunning) {
    host.child.process.kill("SIGSTOP");
    await pause(20);
  } else if (isKilled || target.startsWith("log") || target === "spool") await host.kill();
  else await host.stop();
  const done = [damage(round, target, count)];
  reader?.close();
  const headRandom = random.fork("head");
  // With the log it would take what tells of the loss.
  if (!target.startsWith("log") && headRandom.chance(HEAD_SHARE)) done.push(damageHead(round, headRandom));
  cpSync(round.dataDir, join(round.folder, "as-damaged"), { recursive: true });
  round.faults += 1;
  round.note(`${done.join(" and ")} overwritten ${isRunning ? "while running" : "before a start"}`);
  weather.limitMs = ANSWER_MS;
  const since = performance.now();
  if (isRunning) host.child.process.kill("SIGCONT");
  else host = await startHost(round);
  if (isPaused) writers = startWriters(round, host, kinds, options, 1);
  await goOn(round, host, lock, since);
  await stopAll(writers);
  await settle(round, host);
  await expectKept(round, host);
}

/** Reads from the log, so that it stays as long as it is. */
function holdLog({ dataDir }: Round): ReturnType<typeof openLedger> {
  const database = openLedger(join(dataDir, "ledger.db"));
  database.exec("BEGIN; SELECT count(*) FROM sqlite_schema");
  return database;
}

/** Its search index goes on in commits of its own after the last record. */
async function untilIdle(host: Host): Promise<void> {
  const until = performance.now() + INDEXED_MS;
  while (performance.now() < until) {
    const { checks } = await host.health();
    if (checks.search_index?.value === 0) break;
    await pause(IDLE_MS);
  }
  await pause(IDLE_MS);
}

/** Until the first records wait there: their callers were kept for as long as a lock may be waited for. */
async function untilSpooled(round: Round): Promise<void> {
  const until = performance.now() + SPOOL_MS;
  while (spoolFiles(round).length === 0 && performance.now() < until) await pause(20);
  await pause(300);
}

function damage(round: Round, target: Target, count: number): string {
  switch (target) {
    case "log scribble":
      return damageLog(round, "scribble", count);
    case "log truncate":
      return damageLog(round, "truncate", count);
    case "spool":
      return damageSpool(round, Math.ceil(count / 2));
    default:
      return damagePages(round, target, count);
  }
}

async function goOn(round: Round, host: Host, lock: Lock | null, since: number): Promise<void> {
  await expectLive(round, host, since);
  await lock?.release();
  // An operator who looks around reads every page sooner or later.
  for (const path of ["/messages?limit=1000", "/stats?days=36500", "/sessions", "/export?format=ndjson"]) {
    try {
      const { status, text } = await host.send("GET", path);
      if (status !== 200 && status !== 503) round.problem(`GET ${path} was answered ${status}: ${text}`);
    } catch {
      // An export that meets the damage midway can only break off.
    }
  }
  await expectWell(round, host, since);
}

/**
 * Until what was noticed is mended and told of. What nobody has read yet is found by the deep check, and mended by
 * the repair that it asks for.
 */
async function settle(round: Round, host: Host): Promise<void> {
  const until = performance.now() + SETTLE_MS;
  let repairs = 0;
  for (;;) {
    await expectWell(round, host, performance.now());
    const isSound = parseHealth(round, await deepHealth(round))?.last_check_ok === true;
    // Before it is mended it may not even be readable.
    const loss = isSound ? countLoss(round) : null;
    if (loss?.isTold === true) break;
    if (performance.now() > until) {
      if (loss !== null)
        round.problem(`${loss.text}, more than the system log tells of or than was overwritten`);
      break;
    }
    if (!isSound && repairs < MOST_REPAIRS) {
      repairs += 1;
      await repair(round);
    } else await pause(SETTLE_LOOK_MS);
  }
  const { missing, told, text } = countLoss(round);
  if (told > countSent(round))
    round.problem(`the system log tells of more lost rows than there ever were: ${text}`);
  if (missing === 0) return;
  round.note(text);
  const quarantine = join(round.dataDir, "quarantine");
  if (!existsSync(quarantine) || readdirSync(quarantine).length === 0)
    round.problem("records are missing, but nothing was set aside in quarantine/");
}

async function repair(round: Round): Promise<void> {
  round.note("repaired by hand");
  const { code, signal, stderr } = await runWaybill(["repair", "--data-dir", round.dataDir], round.env);
  if (code !== 0) round.problem(`repair ended with ${signal ?? code}: ${stderr.trim()}`);
}

/** What is missing of all that was acknowledged, against what the system log tells. */
function countLoss({ dataDir, claims }: Round): {
  missing: number;
  told: number;
  isTold: boolean;
  text: string;
} {
  const file = join(dataDir, "ledger.db");
  const found = new Set(readMessages(file).map(({ external_id }) => external_id));
  const missing = claims.list("acknowledged").filter(({ record }) => !found.has(record.external_id));
  const told = toldLost(file);
  const isAllowed = missing.every(({ record }) => claims.mayBeLost.has(record.external_id));
  return {
    missing: missing.length,
    told,
    isTold: isAllowed && missing.length <= told,
    text: `${missing.length} missing, ${claims.mayBeLost.size} overwritten, ${told} told`,
  };
}

/** Records and reports: a damaged line or row is one of them. */
function countSent({ claims }: Round): number {
  let count = claims.all.size;
  for (const { reports } of claims.all.values()) count += reports.length;
  return count;
}
