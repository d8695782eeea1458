import type { MessageRecord } from "../../src-shared/record.ts";
import type { SessionFacts } from "../ledger/reader/outbox.ts";
import type { RecordText } from "../ledger/reader/record-text.ts";
import type { Stream, StreamProgress } from "../ledger/sync-save.ts";
import type { SavedSink } from "./relay-ledger.ts";
import type { Verdict } from "./sink.ts";

const HELD = "An earlier change of this message is parked. Retry that one: they go in order.";

export type Change = {
  positions: readonly number[];
  id: string;
  record: RecordText | MessageRecord | SessionFacts;
};

/** A page of a stream as it is sent: `changes` are those of `all` that are not settled yet. */
export type LiveChanges = {
  stream: Stream;
  changes: readonly Change[];
  all: readonly Change[];
  positions: readonly number[];
  upTo: number;
};

type Progress = Omit<StreamProgress, "stream">;

/** Where one sink stands in each stream: its positions, what is settled ahead of them, and what is parked. */
export class Standing {
  #positions: Record<Stream, number> = { message: 0, session: 0 };
  /** Settled ahead of the position, where a failure left a gap before them. */
  #ahead: Record<Stream, Map<number, Verdict>> = { message: new Map(), session: new Map() };
  /** How many changes of each message are parked: what follows them waits. */
  #parked = new Map<string, number>();

  load({ positions, parkedMessages }: SavedSink): void {
    this.#positions = positions;
    this.#ahead = { message: new Map(), session: new Map() };
    this.#parked = parkedMessages;
  }

  position(stream: Stream): number {
    return this.#positions[stream];
  }

  /** Those that are to be sent now. With `inOrder` what follows a parked change of its message is parked as well. */
  unsettled(stream: Stream, all: readonly Change[], inOrder: boolean): Change[] {
    const ahead = this.#ahead[stream];
    return all.filter((change) => {
      if (change.positions.every((position) => ahead.has(position))) return false;
      if (stream === "session" || !inOrder || !this.#parked.has(change.id)) return true;
      this.settle(stream, change, { kind: "parked", reason: HELD });
      return false;
    });
  }

  settle(stream: Stream, { id, positions }: Change, verdict: Verdict): void {
    if (verdict.kind === "unsettled") return;
    for (const position of positions) this.#ahead[stream].set(position, verdict);
    if (verdict.kind === "parked" && stream === "message") this.#count(id, positions.length);
  }

  /** One that was parked is so no more. */
  unpark(stream: Stream, id: string): void {
    if (stream === "message") this.#count(id, -1);
  }

  /** Moves the position over all that is settled without a gap; null where it does not move. */
  advance({ stream, all, positions, upTo }: LiveChanges): Progress | null {
    const ahead = this.#ahead[stream];
    const toSend = new Map<number, Change>();
    for (const change of all) for (const position of change.positions) toSend.set(position, change);
    const from = this.#positions[stream];
    let delivered = 0;
    let passed = 0;
    let reached = from;
    const parked: Progress["parked"][number][] = [];
    let isWhole = true;
    for (const position of positions) {
      const change = toSend.get(position);
      const verdict = change === undefined ? undefined : ahead.get(position);
      if (change !== undefined && verdict === undefined) {
        isWhole = false;
        break;
      }
      if (change !== undefined && verdict?.kind === "parked") {
        const { id, record } = change;
        parked.push({ position, id, revision: record.revision, reason: verdict.reason });
      } else delivered += 1;
      ahead.delete(position);
      passed += 1;
      reached = position;
    }
    if (isWhole) reached = upTo;
    if (reached === from) return null;
    this.#positions[stream] = reached;
    // The ledger no longer has the positions in between.
    return { from, position: reached, delivered, removed: reached - from - passed, parked };
  }

  #count(id: string, parked: number): void {
    const count = (this.#parked.get(id) ?? 0) + parked;
    if (count > 0) this.#parked.set(id, count);
    else this.#parked.delete(id);
  }
}
