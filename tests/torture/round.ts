import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Claims } from "./claims.ts";
import { Random } from "./seed.ts";

export const KINDS = ["kill", "full", "locked", "gone", "corrupt", "power", "sync"] as const;
export type Kind = (typeof KINDS)[number];

export type Plan = { seed: number; index: number; kind: Kind };

/** What this machine can't do; the round is skipped with the reason. */
export class Skipped extends Error {
  override readonly name = "Skipped";
}

/** A promise that is broken so badly that there is no use in going on. */
export class Broken extends Error {
  override readonly name = "Broken";
}

/** The harness itself is at fault: the round proves nothing about Waybill. */
export class HarnessError extends Error {
  override readonly name = "HarnessError";
}

type CleanUp = () => unknown;

const MOST_PROBLEMS = 8;
const LONG_EVERY = 100;
const LONG_AT = 50;

/** One round: its folder, its seeded numbers, what was claimed, and what was found wrong. */
export class Round {
  readonly plan: Plan;
  readonly random: Random;
  readonly claims = new Claims();
  readonly problems: string[] = [];
  readonly folder: string;
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  /** What is made once for all rounds of a run. */
  readonly tools: string;
  /** Where the ledger lives; a round that needs a disk of its own puts it there. */
  dataDir: string;
  faults = 0;
  /** The most records that were seen waiting in the spool. */
  spooled = 0;
  /** From the end of a fault until all is in the database and well; null where there was no fault to recover from. */
  recoveryMs: number | null = null;
  #isOver = false;
  readonly #notes: string[] = [];
  readonly #cleanUps: CleanUp[] = [];

  constructor(plan: Plan, parent: string) {
    this.plan = plan;
    this.random = new Random(`${plan.seed}/${plan.index}/${plan.kind}`);
    this.folder = mkdtempSync(join(parent, `round-${plan.index}-${plan.kind}-`));
    this.home = join(this.folder, "home");
    this.tools = join(parent, "tools");
    this.dataDir = join(this.folder, "data");
    const temporary = join(this.folder, "tmp");
    for (const directory of [this.home, this.dataDir, temporary]) mkdirSync(directory, { mode: 0o700 });
    this.env = environment(this.home, temporary, join(parent, "compile-cache"));
  }

  get notes(): string {
    return this.#notes.join(", ");
  }

  /** What happened, for the round's line. */
  note(text: string): void {
    this.#notes.push(text);
  }

  /** What was found wrong; the same a thousand times over is told a few times. */
  problem(text: string): void {
    // What is ended by the harness complains of it.
    if (this.#isOver) return;
    if (this.problems.length < MOST_PROBLEMS) this.problems.push(text);
    else if (this.problems.length === MOST_PROBLEMS) this.problems.push("… and more");
  }

  /** Done at the end of the round, the last first. */
  onEnd(cleanUp: CleanUp): void {
    this.#cleanUps.unshift(cleanUp);
  }

  async cleanUp(): Promise<void> {
    this.#isOver = true;
    for (const cleanUp of this.#cleanUps.splice(0)) {
      try {
        await cleanUp();
      } catch (error) {
        this.problems.push(`the harness could not clean up: ${String(error)}`);
      }
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** What a developer's own surroundings set must not reach the rounds, nor their spools his home. */
function environment(home: string, temporary: string, cache: string): NodeJS.ProcessEnv {
  const { WAYBILL_DATA_DIR: _, LOG_LEVEL: _level, NODE_OPTIONS: _options, ...rest } = process.env;
  for (const name of Object.keys(rest)) if (/^(XDG|RABBITMQ|SUPABASE)_/.test(name)) delete rest[name];
  return { ...rest, HOME: home, TMPDIR: temporary, NODE_COMPILE_CACHE: cache, CI: "true", NO_COLOR: "1" };
}

/** One round in a hundred holds the lock for a minute; it runs beside the others. */
export function isLong(index: number): boolean {
  return index % LONG_EVERY === LONG_AT;
}

/** Which kind a round is of: each comes once in as many rounds as there are kinds, in an order of the seed's. */
export function kindOf(seed: number, index: number, kinds: readonly Kind[]): Kind {
  if (isLong(index) && kinds.includes("locked")) return "locked";
  const block = Math.floor(index / kinds.length);
  const order = new Random(`${seed}/order/${block}`).shuffle(kinds);
  return order[index % kinds.length] ?? "kill";
}
