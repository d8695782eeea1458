import type { Readable } from "node:stream";
import { type Acceptance, MAX_PAGE } from "../../src-shared/contract/messages.ts";
import { toErrorBody, WaybillError } from "../../src-shared/errors.ts";
import { normalizeMessage } from "../../src-shared/record.ts";
import { chunksUntil } from "../api/chunks-until.ts";
import { RecordIntake } from "../api/record-intake.ts";
import { type RecordLine, RecordLines } from "../api/record-lines.ts";
import { BATCHES_IN_FLIGHT, MAX_BODY_BYTES, MAX_RECORDS_PER_BODY, RECORD_BATCH } from "./limits.ts";

/** One record by itself is `urgent`: it does not wait behind a flood of lists. */
export type Log = (records: unknown[], options?: { urgent: boolean }) => Promise<Acceptance>;

/** Gathers the answer to one body, whose lists of records are accepted one after the other. */
class Answer {
  readonly acceptance: Acceptance = {
    accepted: 0,
    duplicates: 0,
    rejected: [],
    message_uuids: [],
    receipt: null,
  };
  tooLarge = false;
  readonly intake: RecordIntake;

  constructor(log: Log) {
    this.intake = new RecordIntake({
      log,
      batchSize: RECORD_BATCH,
      maxInFlight: BATCHES_IN_FLIGHT,
      onAccepted: ({ accepted, duplicates, message_uuids, receipt }) => {
        this.acceptance.accepted += accepted;
        this.acceptance.duplicates += duplicates;
        this.acceptance.receipt = receipt;
        for (const uuid of message_uuids) this.acceptance.message_uuids.push(uuid);
      },
      onRejected: (line, error) => {
        this.acceptance.rejected.push({ index: line.index, error });
        this.tooLarge ||= "error" in line ? line.tooLarge : isTooLarge(line.record);
      },
    });
  }

  async take(lines: readonly RecordLine[]): Promise<void> {
    const last = lines.at(-1);
    if (last !== undefined) assertCount(last.index + 1);
    await this.intake.push(lines);
  }

  /** The whole answer; or, where nothing was accepted, an error with the reasons. */
  async finish(): Promise<Acceptance> {
    await this.intake.finish();
    const { accepted, rejected } = this.acceptance;
    rejected.sort((a, b) => a.index - b.index);
    if (accepted > 0) return this.acceptance;
    const [first] = rejected;
    if (first === undefined)
      throw new WaybillError("invalid", "There is no record in the body. Send at least one.");
    const code = rejected.length === 1 && this.tooLarge ? "too_large" : "invalid";
    const message =
      rejected.length === 1
        ? `The record was not accepted: ${first.error}`
        : `None of the ${rejected.length} records was accepted. The first: ${first.error}`;
    throw new WaybillError(code, message, { details: { rejected } });
  }

  /** What stays true when the body fails midway: records accepted before are kept. */
  async failed(error: unknown): Promise<WaybillError> {
    await this.intake.settle();
    const { accepted, duplicates, rejected } = this.acceptance;
    if (accepted === 0) throw error;
    const body = toErrorBody(error);
    return new WaybillError(
      body.code,
      `${body.message} ${accepted} records of this body were accepted before that.`,
      {
        details: { accepted, duplicates, rejected: rejected.slice(0, MAX_PAGE) },
        cause: error,
      },
    );
  }
}

function assertCount(records: number): void {
  if (records <= MAX_RECORDS_PER_BODY) return;
  throw new WaybillError(
    "too_large",
    `A body may hold at most ${MAX_RECORDS_PER_BODY} records. Send the rest in another.`,
  );
}

/** Only asked of a record that was refused, to tell too large (413) from not valid (422). */
function isTooLarge(record: unknown): boolean {
  const normalized = normalizeMessage(record, 0);
  return !normalized.ok && normalized.tooLarge;
}

/** Accepts a parsed body: one record or an array of them. Throws `invalid`, `too_large` or what the ledger throws. */
export async function acceptBody(log: Log, body: unknown): Promise<Acceptance> {
  const isOne = !Array.isArray(body);
  const records = isOne ? [body] : (body as unknown[]);
  assertCount(records.length);
  const answer = new Answer((list) => log(list, { urgent: isOne }));
  try {
    for (let start = 0; start < records.length; start += RECORD_BATCH) {
      const slice = records.slice(start, start + RECORD_BATCH);
      await answer.take(
        slice.map((record, offset) => ({ number: start + offset + 1, index: start + offset, record })),
      );
    }
    return await answer.finish();
  } catch (error) {
    throw await answer.failed(error);
  }
}

/**
 * Accepts NDJSON as it arrives. Throws as `acceptBody` does, also when the body breaks off or
 * the host stops: the error's details then say how many were accepted.
 */
export async function acceptStream(log: Log, body: Readable, stopping: AbortSignal): Promise<Acceptance> {
  const answer = new Answer(log);
  const lines = new RecordLines();
  let bytes = 0;
  try {
    for await (const chunk of chunksUntil(body, stopping)) {
      bytes += chunk.length;
      if (bytes > MAX_BODY_BYTES) {
        throw new WaybillError(
          "too_large",
          `A body may have at most ${MAX_BODY_BYTES} bytes. Send the rest in another.`,
        );
      }
      await answer.take(lines.push(chunk));
    }
    if (stopping.aborted)
      throw new WaybillError("unavailable", "Waybill is stopping. Send the rest when it runs again.");
    await answer.take(lines.end());
    return await answer.finish();
  } catch (error) {
    const broken = body.destroyed && !(error instanceof WaybillError);
    throw await answer.failed(broken ? brokenOff(error) : error);
  }
}

function brokenOff(cause: unknown): WaybillError {
  return new WaybillError("malformed", "The body broke off before its end.", { cause });
}
