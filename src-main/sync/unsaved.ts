import type { OutageSave, RetryProgress, SinkSave, Stream, StreamProgress } from "../ledger/sync-save.ts";

type Content = {
  progress: Map<Stream, StreamProgress>;
  retries: Map<string, RetryProgress>;
  resends: Map<number, number>;
};
type Taken = Pick<SinkSave, "progress" | "retries" | "resends" | "outages">;

/** What a relay did that is not in the ledger yet. Should it be lost, the same is sent once more. */
export class Unsaved {
  #content = nothing();
  /** What is being saved now. */
  #under: (Content & { outages: readonly OutageSave[] }) | null = null;
  /** Where resends went on to, also once that is saved: what the relay last saw of the ledger may be older. */
  readonly #resent = new Map<number, number>();

  advance(stream: Stream, more: Omit<StreamProgress, "stream">): void {
    this.#content.progress.set(stream, joined(this.#content.progress.get(stream), { stream, ...more }));
  }

  retry(progress: RetryProgress): void {
    this.#content.retries.set(keyOf(progress), progress);
  }

  /** What became of a retry that is not saved yet. */
  retried(key: Pick<RetryProgress, "stream" | "position">): RetryProgress["outcome"] | null {
    return (this.#content.retries.get(keyOf(key)) ?? this.#under?.retries.get(keyOf(key)))?.outcome ?? null;
  }

  resend(id: number, next: number): void {
    this.#content.resends.set(id, next);
    this.#resent.set(id, next);
  }

  /** Where a resend goes on; 0 where nothing is known. */
  resendAt(id: number): number {
    return this.#resent.get(id) ?? 0;
  }

  take(outages: readonly OutageSave[]): Taken & { isEmpty: boolean } {
    this.#under = { ...this.#content, outages };
    this.#content = nothing();
    const { progress, retries, resends } = this.#under;
    return {
      progress: [...progress.values()],
      retries: [...retries.values()],
      resends: [...resends].map(([resend_id, next]) => ({ resend_id, next })),
      outages,
      isEmpty: progress.size + retries.size + resends.size + outages.length === 0,
    };
  }

  kept(): void {
    this.#under = null;
  }

  /** It was not saved: it goes with the next. Gives the outages back that went with it. */
  giveBack(): readonly OutageSave[] {
    const under = this.#under;
    this.#under = null;
    if (under === null) return [];
    const since = this.#content;
    for (const more of since.progress.values())
      under.progress.set(more.stream, joined(under.progress.get(more.stream), more));
    for (const [key, retry] of since.retries) under.retries.set(key, retry);
    for (const [id, next] of since.resends) under.resends.set(id, next);
    this.#content = under;
    return under.outages;
  }

  drop(): void {
    this.#content = nothing();
    this.#under = null;
    this.#resent.clear();
  }
}

function nothing(): Content {
  return { progress: new Map(), retries: new Map(), resends: new Map() };
}

function keyOf({ stream, position }: Pick<RetryProgress, "stream" | "position">): string {
  return `${stream} ${position}`;
}

function joined(first: StreamProgress | undefined, more: StreamProgress): StreamProgress {
  if (first === undefined) return more;
  return {
    stream: more.stream,
    from: first.from,
    position: more.position,
    delivered: first.delivered + more.delivered,
    removed: first.removed + more.removed,
    parked: [...first.parked, ...more.parked],
  };
}
