import {
  DELIVERED,
  type MessageChange,
  type Outcome,
  type SessionChange,
  type Sink,
  SinkFailure,
  type TextChange,
  UNSETTLED,
  type Verdict,
} from "../../src-main/sync/sink.ts";
import type { MessageRecord } from "../../src-shared/record.ts";

type Taken = TextChange | MessageChange | SessionChange;

/** What becomes of one change; a failure leaves it and what comes after it unsettled. */
export type Script = (id: string, revision: number) => Verdict | SinkFailure;

/** A place that takes what it is told to, in memory: for what relays do, which real sinks only do by chance. */
export class ScriptedPlace {
  /** `<uuid>:<revision>` or a session's id and revision, in the order in which it was confirmed. */
  readonly got: string[] = [];
  readonly records: MessageRecord[] = [];
  connections = 0;
  script: Script = () => DELIVERED;
  openFailure: SinkFailure | null = null;
  /** Held until it settles. */
  hold: Promise<void> = Promise.resolve();

  connect({ folds }: { folds: boolean }): Sink {
    const take = (changes: readonly Taken[], signal: AbortSignal): Promise<Outcome> =>
      this.#take(changes, signal);
    const connection = {
      batch: 100,
      open: async () => {
        this.connections += 1;
        if (this.openFailure !== null) throw this.openFailure;
      },
      deliver: take,
      close: async () => {},
    };
    return folds ? { ...connection, folds, deliverSessions: take } : { ...connection, folds };
  }

  async #take(changes: readonly Taken[], signal: AbortSignal): Promise<Outcome> {
    await this.hold;
    const verdicts: Verdict[] = [];
    let failure: SinkFailure | null = null;
    for (const { record } of changes) {
      const id = "message_uuid" in record ? record.message_uuid : record.session_id;
      const said: Verdict | SinkFailure =
        failure === null && !signal.aborted ? this.script(id, record.revision) : UNSETTLED;
      if (said instanceof SinkFailure) failure = said;
      verdicts.push(said instanceof SinkFailure ? UNSETTLED : said);
      if (said instanceof SinkFailure || said.kind !== "delivered") continue;
      this.got.push(`${id}:${record.revision}`);
      if ("json" in record) this.records.push(JSON.parse(record.json) as MessageRecord);
      else if ("message_uuid" in record) this.records.push(record);
    }
    return { verdicts, failure };
  }
}
