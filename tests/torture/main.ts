/** `npm run torture`: rounds of faults against the built host, see `options.ts`; exit 1 where one failed, 2 where the harness did. */
import { existsSync, globSync, mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readOptions } from "./options.ts";
import { CLI, killAll } from "./processes.ts";
import { describeAll, describeResult, type Result } from "./report.ts";
import {
  Broken,
  HarnessError,
  isLong,
  KINDS,
  type Kind,
  kindOf,
  type Plan,
  Round,
  Skipped,
} from "./round.ts";
import { corrupt } from "./rounds/corrupt.ts";
import { full } from "./rounds/full.ts";
import { gone } from "./rounds/gone.ts";
import { kill } from "./rounds/kill.ts";
import { locked } from "./rounds/locked.ts";
import { power } from "./rounds/power.ts";
import { sync } from "./rounds/sync.ts";
import { endServices } from "./sync/services.ts";

const RUN: Record<Kind, (round: Round) => Promise<void>> = { kill, full, locked, gone, corrupt, power, sync };
/** A round that takes longer hangs. */
const MOST_MS = 180_000;
/** A sink that was out of reach for long is tried again after a minute, and a broker takes its time to start. */
const MOST_SYNC_MS = 400_000;
/** Folders of failed rounds, of this run and of earlier ones: each may have some hundred megabytes. */
const MOST_KEPT = 10;
const PREFIX = "waybill-torture-";

const options = readOptions(process.argv.slice(2));
if (!existsSync(CLI)) throw new Error(`There is no built host at ${CLI}: run \`npm run build\` first.`);
const parent = mkdtempSync(join(tmpdir(), PREFIX));
for (const name of ["compile-cache", "tools"]) mkdirSync(join(parent, name));
/** What ended a round early, other than a broken promise. */
type Ended = Skipped | HarnessError | null;

const active = new Set<Round>();
const results: Result[] = [];
let isStopping = false;

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void interrupt());
process.on("exit", killAll);

console.log(`seed ${options.seed}, ${options.round ?? options.rounds} against ${CLI}`);
const plans = makePlans();
// A lock of a minute is mostly waiting: those rounds go beside the others, one after another, for all at once are a
// load that no round is meant for.
const isWaiting = ({ index, kind }: Plan): boolean => isLong(index) && kind === "locked";
const beside = plans.filter(isWaiting);
const queue = plans.filter((plan) => !isWaiting(plan));
await Promise.all([work(beside), ...Array.from({ length: options.jobs }, () => work(queue))]);
await endServices();
console.log(
  describeAll(
    results,
    KINDS.filter((kind) => options.kinds.includes(kind)),
  ),
);
if (options.report !== null) writeFileSync(options.report, JSON.stringify(results.map(outcomeAndName)));
tidy();
const outcomes = new Set(results.map(({ outcome }) => outcome));
process.exitCode = outcomes.has("failed") ? 1 : outcomes.has("void") ? 2 : 0;

function makePlans(): Plan[] {
  const { seed, round, rounds, kinds } = options;
  const first = round ?? 0;
  const last = round ?? rounds - 1;
  return Array.from({ length: last - first + 1 }, (_, offset) => {
    const index = first + offset;
    return { seed, index, kind: kindOf(seed, index, kinds) };
  });
}

async function work(plans: Plan[]): Promise<void> {
  for (let plan = plans.shift(); plan !== undefined && !isStopping; plan = plans.shift()) await runPlan(plan);
}

async function runPlan(plan: Plan): Promise<void> {
  const started = performance.now();
  const round = new Round(plan, parent);
  active.add(round);
  let ended: Ended = null;
  try {
    await withinTime(RUN[plan.kind](round), plan.kind === "sync" ? MOST_SYNC_MS : MOST_MS);
  } catch (error) {
    if (error instanceof Skipped || error instanceof HarnessError) ended = error;
    else round.problem(describeError(error));
  }
  await round.cleanUp();
  active.delete(round);
  if (isStopping) return;
  const result = describe(round, ended, performance.now() - started);
  if (result.folder === null) round.remove();
  results.push(result);
  console.log(describeResult(result));
}

/** What the harness did not expect is told with the place. */
function describeError(error: unknown): string {
  if (error instanceof Broken) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function describe(round: Round, ended: Ended, ms: number): Result {
  const { plan, claims, problems, notes, spooled, faults, recoveryMs, folder } = round;
  const outcome = outcomeOf(round, ended);
  const isKept =
    (outcome === "failed" || outcome === "void") && (options.isKeeping || countKept() < MOST_KEPT);
  return {
    plan,
    outcome,
    notes,
    problems: ended === null ? problems : [ended.message, ...problems],
    accepted: claims.count("acknowledged"),
    reports: claims.acknowledgedReports(),
    spooled,
    refused: claims.count("refused"),
    faults,
    recoveryMs,
    ms,
    folder: isKept ? folder : null,
  };
}

function outcomeOf({ problems }: Round, ended: Ended): Result["outcome"] {
  if (problems.length > 0) return "failed";
  if (ended === null) return "passed";
  return ended instanceof Skipped ? "skipped" : "void";
}

function outcomeAndName({ plan, outcome, problems }: Result): { name: string; outcome: Result["outcome"] } {
  const why = outcome === "passed" ? "" : `: ${problems[0]?.split("\n")[0] ?? "no reason"}`;
  return { name: `${plan.kind}, --seed ${plan.seed} --round ${plan.index}${why}`, outcome };
}

/** On the disk, without this round and those that run beside it. */
function countKept(): number {
  return globSync(`${PREFIX}*/round-*`, { cwd: tmpdir() }).length - active.size - 1;
}

async function withinTime(run: Promise<void>, mostMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`the round hung for ${mostMs / 1_000} s`)), mostMs);
  });
  try {
    await Promise.race([run, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Ctrl-C: processes and mounts end before we do. */
async function interrupt(): Promise<void> {
  // A terminal and a launcher may both tell us: once is enough.
  if (isStopping) return;
  isStopping = true;
  killAll();
  for (const round of active) {
    await round.cleanUp();
    round.remove();
  }
  await endServices();
  tidy();
  process.exit(130);
}

/** What failed rounds kept stays. */
function tidy(): void {
  for (const name of ["compile-cache", "tools"]) rmSync(join(parent, name), { recursive: true, force: true });
  try {
    rmdirSync(parent);
  } catch {
    console.log(`kept: ${parent}`);
  }
}
