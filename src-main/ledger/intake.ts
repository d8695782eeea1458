import { setImmediate as nextTurn } from "node:timers/promises";
import type { Acceptance, Receipt } from "../../src-shared/contract/messages.ts";
import { WaybillError } from "../../src-shared/errors.ts";
import { newId } from "../../src-shared/new-id.ts";
import { parseInput } from "../../src-shared/parse-input.ts";
import {
  type MessageInput,
  type MessageRecord,
  normalizeMessage,
  type StoredMessage,
  toRecord,
  uuidSchema,
} from "../../src-shared/record.ts";
import { isStatus, STATUSES, type Status } from "../../src-shared/status.ts";
import { type SystemLogInput, systemLogInputSchema } from "../../src-shared/system-log.ts";
import { requireTime } from "../../src-shared/time.ts";
import type { EntryResult } from "./entries.ts";
import type { WriterLink } from "./writer-link.ts";

/** A list is checked in pieces of this many, so that a long one does not hold up the caller's event loop. */
const CHECKED_AT_ONCE = 500;

/** `stored` tells whether the record is in the ledger or waits, durable too, in the spool. */
export type Accepted = {
  message_uuid: string;
  duplicate: boolean;
  stored: "ledger" | "spool";
  /** Where the chain of the ledger stood with it: kept elsewhere, it proves later that nothing was altered. */
  receipt: Receipt | null;
};

export type StatusOptions = {
  external_id?: string | null | undefined;
  error_message?: string | null | undefined;
  /** When it happened; now where left out. */
  ts?: string | number | Date | null | undefined;
};

type IntakeOptions = {
  writer: WriterLink;
  /** Of records that name none. */
  userId: string;
  /** A record that the spool took, or null where something is new in the ledger. */
  onAccepted: (spooled: StoredMessage | null) => void;
};

/** Takes what the program logs of messages and events: checks it, hands it to the writer, and says what became of each. */
export class Intake {
  readonly #writer: WriterLink;
  readonly #userId: string;
  readonly #onAccepted: IntakeOptions["onAccepted"];
  /** The list that is handed to the writer now. */
  #handing: Promise<Promise<Acceptance>[]> | null = null;

  constructor({ writer, userId, onAccepted }: IntakeOptions) {
    this.#writer = writer;
    this.#userId = userId;
    this.#onAccepted = onAccepted;
  }

  /** Settles when all lists so far are handed to the writer. */
  async handed(): Promise<void> {
    await this.#handing;
  }

  /** See `MessageLogger.logMessage`. */
  log(fields: MessageInput): { message_uuid: string; accepted: Promise<Accepted> } {
    const now = Date.now();
    const normalized = normalizeMessage(fields, now, { userId: this.#userId });
    if (!normalized.ok) {
      const code = normalized.tooLarge ? "too_large" : "invalid";
      const accepted = Promise.reject(
        new WaybillError(code, `The record was not accepted: ${normalized.error}.`),
      );
      accepted.catch(() => {});
      return { message_uuid: fields?.message_uuid ?? newId(), accepted };
    }
    const { message } = normalized;
    const accepted = this.#writer
      .push({ op: "message", at: now, message })
      .then(({ result, receipt }) => this.#acceptedMessage(message, result, receipt));
    // Whoever does not wait for the outcome must not be ended by it.
    accepted.catch(() => {});
    return { message_uuid: message.message_uuid, accepted };
  }

  /** See `MessageLogger.logMessages`. */
  async logList(list: readonly unknown[], urgent: boolean): Promise<Acceptance> {
    if (urgent && list.length <= CHECKED_AT_ONCE) return this.#logPiece(list, 0, true);
    const before = this.#handing;
    const handed = this.#hand(list, before);
    this.#handing = handed;
    const pieces = await handed;
    if (this.#handing === handed) this.#handing = null;
    // All of them settle before the first failure is told, so that the caller knows nothing is under way.
    await Promise.allSettled(pieces);
    const done = await Promise.all(pieces);
    return {
      accepted: done.reduce((sum, { accepted }) => sum + accepted, 0),
      duplicates: done.reduce((sum, { duplicates }) => sum + duplicates, 0),
      rejected: done.flatMap(({ rejected }) => rejected),
      message_uuids: done.flatMap(({ message_uuids }) => message_uuids),
      receipt: done.at(-1)?.receipt ?? null,
    };
  }

  /** See `MessageLogger.updateMessageStatus`. */
  async report(
    uuid: string,
    status: Status,
    { external_id, error_message, ts }: StatusOptions,
  ): Promise<MessageRecord | null> {
    const parsed = uuidSchema.safeParse(uuid);
    if (!parsed.success)
      throw new WaybillError("invalid", `message_uuid: ${parsed.error.issues[0]?.message ?? ""}`);
    if (!isStatus(status)) throw new WaybillError("invalid", `status: is not one of ${STATUSES.join(", ")}`);
    const now = Date.now();
    const { result } = await this.#writer.push({
      op: "status",
      at: now,
      message_uuid: parsed.data,
      status,
      ts: ts === undefined || ts === null ? now : requireTime(ts, "ts"),
      external_id: external_id || null,
      error_message: error_message || null,
    });
    assertTaken(result);
    this.#onAccepted(null);
    if (result.outcome === "unknown")
      throw new WaybillError("not_found", `There is no message ${parsed.data}.`);
    return result.outcome === "changed" ? toRecord(result.message) : null;
  }

  /** See `MessageLogger.logSystemEvent`. */
  async logEvent(input: SystemLogInput): Promise<void> {
    const { level, component, message, details } = parseInput(systemLogInputSchema, input, "The event");
    const { result } = await this.#writer.push({
      op: "system_log",
      at: Date.now(),
      level,
      component,
      message,
      details: details ? JSON.stringify(details) : null,
    });
    assertTaken(result);
  }

  /** Hands a list over piece by piece, after the one before it: a short list does not overtake a long one. */
  async #hand(list: readonly unknown[], before: Promise<unknown> | null): Promise<Promise<Acceptance>[]> {
    if (before !== null) await before;
    const pieces: Promise<Acceptance>[] = [];
    for (let start = 0; start < list.length; start += CHECKED_AT_ONCE) {
      if (start > 0) await nextTurn();
      const piece = this.#logPiece(list.slice(start, start + CHECKED_AT_ONCE), start);
      // Its failure is met by who waits for all; until then it must not count as unhandled.
      piece.catch(() => {});
      pieces.push(piece);
    }
    return pieces;
  }

  async #logPiece(piece: readonly unknown[], offset: number, urgent = false): Promise<Acceptance> {
    const acceptance: Acceptance = {
      accepted: 0,
      duplicates: 0,
      rejected: [],
      message_uuids: [],
      receipt: null,
    };
    const now = Date.now();
    const good: { index: number; message: StoredMessage }[] = [];
    for (const [index, input] of piece.entries()) {
      const normalized = normalizeMessage(input, now, { userId: this.#userId });
      if (normalized.ok) good.push({ index: offset + index, message: normalized.message });
      else acceptance.rejected.push({ index: offset + index, error: normalized.error });
    }
    if (good.length === 0) return acceptance;
    const { results, receipt } = await this.#writer.submit(
      good.map(({ message }) => ({ op: "message", at: now, message })),
      urgent,
    );
    acceptance.receipt = receipt;
    for (const [position, { index, message }] of good.entries()) {
      const result = results[position];
      if (result === undefined) continue;
      if (result.outcome === "refused") {
        acceptance.rejected.push({ index, error: result.reason });
        continue;
      }
      const { duplicate } = this.#acceptedMessage(message, result, receipt);
      acceptance.accepted += 1;
      if (duplicate) acceptance.duplicates += 1;
      acceptance.message_uuids.push(message.message_uuid);
    }
    acceptance.rejected.sort((a, b) => a.index - b.index);
    return acceptance;
  }

  /** Throws for a refused one. */
  #acceptedMessage(message: StoredMessage, result: EntryResult, receipt: Receipt | null): Accepted {
    assertTaken(result);
    if (result.outcome === "spooled") {
      this.#onAccepted(message);
      return { message_uuid: message.message_uuid, duplicate: false, stored: "spool", receipt: null };
    }
    this.#onAccepted(null);
    return {
      message_uuid: message.message_uuid,
      duplicate: result.outcome === "duplicate",
      stored: "ledger",
      receipt,
    };
  }
}

/** Throws `invalid` for what the entry itself did wrong, `cannot_accept` for what can't be told now. */
export function assertTaken(result: EntryResult): void {
  if (result.outcome === "refused")
    throw new WaybillError("invalid", `It was not accepted: ${result.reason}.`);
  if (result.outcome === "undecided") throw new WaybillError("cannot_accept", result.reason);
}
