import { WaybillError } from "../../src-shared/errors.ts";
import { newId } from "../../src-shared/new-id.ts";
import { parseInput } from "../../src-shared/parse-input.ts";
import { type Session, type SessionInput, sessionInputSchema } from "../../src-shared/session.ts";
import type { SessionStart } from "./entries.ts";
import { assertTaken } from "./intake.ts";
import { sessionFacts } from "./session-facts.ts";
import type { WriterLink } from "./writer-link.ts";

type SessionIntakeOptions = {
  writer: WriterLink;
  /** Of sessions that name none. */
  userId: string;
  /** Reads a session with its numbers. Rejects with `not_found` or `unavailable`. */
  read: (sessionId: string) => Promise<Session>;
};

/** Begins and ends sessions for the program that logs. */
export class SessionIntake {
  readonly #writer: WriterLink;
  readonly #userId: string;
  readonly #read: SessionIntakeOptions["read"];

  constructor({ writer, userId, read }: SessionIntakeOptions) {
    this.#writer = writer;
    this.#userId = userId;
    this.#read = read;
  }

  /** See `MessageLogger.startSession`. */
  start(input: SessionInput): string {
    const session = this.#describe(input);
    // Refusals are in health and the system log; a caller that needs to know awaits beginSession.
    this.#writer.push({ op: "session", at: Date.now(), session }).catch(() => {});
    return session.session_id;
  }

  /** See `MessageLogger.beginSession`. */
  async begin(input: SessionInput): Promise<Session> {
    const session = this.#describe(input);
    const { result } = await this.#writer.push({ op: "session", at: Date.now(), session });
    assertTaken(result);
    if (result.outcome === "duplicate") {
      throw new WaybillError("conflict", `There is a session ${session.session_id} already.`);
    }
    if (result.outcome === "spooled") return spooledSession(session);
    return this.#read(session.session_id);
  }

  /** See `MessageLogger.endSession`. */
  async end(sessionId: string): Promise<Session> {
    const { result } = await this.#writer.push({ op: "session_end", at: Date.now(), session_id: sessionId });
    assertTaken(result);
    if (result.outcome === "unknown")
      throw new WaybillError("not_found", `There is no session ${sessionId}.`);
    if (result.outcome === "spooled") {
      throw new WaybillError(
        "unavailable",
        `The end of session ${sessionId} is accepted; ask for its numbers once the database takes records.`,
      );
    }
    return this.#read(sessionId);
  }

  #describe(input: SessionInput): SessionStart {
    const parsed = parseInput(sessionInputSchema, input, "The session");
    return {
      session_id: parsed.session_id ?? newId(),
      user_id: parsed.user_id || this.#userId,
      channel: parsed.channel,
      template_id: parsed.template_id ?? null,
      template_name: parsed.template_name ?? null,
      started_ts: parsed.started_ts ?? Date.now(),
      ended_ts: parsed.ended_ts ?? null,
      metadata: JSON.stringify(parsed.metadata ?? {}),
    };
  }
}

/** A session that only the spool has so far: it has no messages that could be counted yet. */
function spooledSession(session: SessionStart): Session {
  return {
    ...sessionFacts(session),
    total: 0,
    successful: 0,
    failed: 0,
    pending: 0,
    cancelled: 0,
    success_rate: 0,
    average_send_seconds: null,
    errors: [],
  };
}
