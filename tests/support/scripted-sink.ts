import {
  DELIVERED,
  type MessageChange,
  type Outcome,
  type SessionChange,
  type Sink,
  SinkFailure,
  UNSETTLED,
  type Verdict,
} from "../../src-main/sync/sink.ts";

/** What becomes of one change; a failure leaves it and what comes after it unsettled. */
export type Script = (id: string, revision: number) => Verdict | SinkFailure;

/** A place that takes what it is told to, in memory: for what relays do, which real sinks only do by chance. */
export class ScriptedPlace {
  /** `<uuid>:<revision>` or a session's id and revision, in the order in which it was confirmed. */
  readonly got: string[] = [];
  readonly records: MessageChange["record"][] = [];
  connections = 0;
  script: Script = () => DELIVERED;
  openFailure: SinkFailure | null = null;
  /** Held until it settles. */
  hold: Promise<void> = Promise.resolve();

  connect({ folds, sessions }: { folds: boolean; sessions: boolean }): Sink {
    const take = (
      changes: readonly (MessageChange | SessionChange)[],
      signal: AbortSignal,
    ): Promise<Outcome> => this.#take(changes, signal);
    return {
      folds,
      batch: 100,
      open: async () => {
        this.connections += 1;
        if (this.openFailure !== null) throw this.openFailure;
      },
      deliver: take,
      deliverSessions: sessions ? take : null,
      close: async () => {},
    };
  }

  async #take(changes: readonly (MessageChange | SessionChange)[], signal: AbortSignal): Promise<Outcome> {
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
      if ("message_uuid" in record) this.records.push(record);
    }
    return { verdicts, failure };
  }
}
