import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Shape } from "./data/records.ts";
import { Host } from "./host.ts";
import { type BuiltLedger, buildLedger } from "./ledgers.ts";
import type { Options } from "./options.ts";

export type Stall = { phase: string; maxMs: number; p999Ms: number };

/** What the lines share: the ledgers, made when first asked for, and what they saw of the host's event loop. */
export class Bench {
  readonly options: Options;
  readonly stalls: Stall[] = [];
  readonly #folder: string;
  readonly #scratch: string;
  readonly #ledgers = new Map<number, Promise<BuiltLedger>>();

  constructor(options: Options) {
    this.options = options;
    if (options.folder !== null) mkdirSync(options.folder, { recursive: true });
    this.#scratch = mkdtempSync(join(options.folder ?? tmpdir(), "waybill-bench-"));
    this.#folder = options.folder ?? this.#scratch;
  }

  /** Where everything that is measured lies. */
  get folder(): string {
    return this.#folder;
  }

  /** A new shape of records that end now, for a ledger that a line fills itself. */
  shape(records: number): Shape {
    return { seed: this.options.seed, records, untilMs: Date.now() };
  }

  /** An empty folder, removed at the end. */
  newFolder(name: string): string {
    return mkdtempSync(join(this.#scratch, `${name}-`));
  }

  big(): Promise<BuiltLedger> {
    return this.#ledger(this.options.records);
  }

  small(): Promise<BuiltLedger> {
    return this.#ledger(Math.floor(this.options.records / 10));
  }

  /** The ledger that is nearest to a million records. */
  million(): Promise<BuiltLedger> {
    return this.options.records >= 10_000_000 ? this.small() : this.big();
  }

  /** Runs work against a host of its own, and keeps what its event loop did meanwhile. */
  async withHost<T>(
    dataDir: string,
    phase: string,
    work: (host: Host) => Promise<T>,
    env: NodeJS.ProcessEnv = {},
  ): Promise<T> {
    const host = await Host.start(dataDir, { env });
    try {
      // What the start did is not what serving does.
      await host.loopDelay();
      const result = await work(host);
      this.stalls.push({ phase, ...(await host.loopDelay()) });
      return result;
    } finally {
      await host.stop();
    }
  }

  cleanUp(): void {
    rmSync(this.#scratch, { recursive: true, force: true });
  }

  #ledger(records: number): Promise<BuiltLedger> {
    const known = this.#ledgers.get(records);
    if (known !== undefined) return known;
    const made = buildLedger(this.#folder, this.shape(records), this.options.isReused);
    this.#ledgers.set(records, made);
    return made;
  }
}
