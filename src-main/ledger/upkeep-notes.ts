import type { Level } from "../../src-shared/system-log.ts";
import { type Entry, ledgerEvent, type MetaKey } from "./entries.ts";
import type { WriterLink } from "./writer-link.ts";

type Facts = Partial<Record<MetaKey, string>>;

/** What upkeep writes down in the ledger: facts for health, and in the system log what it did. */
export class UpkeepNotes {
  readonly #writer: WriterLink;

  constructor(writer: WriterLink) {
    this.#writer = writer;
  }

  /** Keeps facts for health. Rejects with `cannot_accept`. */
  async keep(facts: Facts): Promise<void> {
    const entries = Object.entries(facts).map(
      ([key, value]): Entry => ({ op: "meta", at: Date.now(), key: key as MetaKey, value }),
    );
    await this.#writer.submit(entries);
  }

  /** Rejects with `cannot_accept`. */
  async log(level: Level, message: string, details: Record<string, unknown>): Promise<void> {
    await this.#writer.submit([ledgerEvent(level, message, details)]);
  }

  /** What was done stays done where there is no room left to write it down; health tells of that. */
  async logDone({
    facts = {},
    log: { level = "info", message, details },
  }: {
    facts?: Facts;
    log: { level?: Level; message: string; details: Record<string, unknown> };
  }): Promise<void> {
    await Promise.allSettled([this.keep(facts), this.log(level, message, details)]);
  }
}
