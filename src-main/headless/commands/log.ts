import type { Command } from "commander";
import type { Acceptance } from "../../../src-shared/contract/messages.ts";
import { toErrorBody } from "../../../src-shared/errors.ts";
import { chunksUntil } from "../../api/chunks-until.ts";
import { RecordIntake } from "../../api/record-intake.ts";
import { RecordLines } from "../../api/record-lines.ts";
import type { MessageLogger } from "../../ledger/message-logger.ts";
import { act, addDataDir, type CommonOptions, type ExitCode, untilStopped, withLedger } from "../command.ts";
import { EXIT_FAILED, EXIT_OK } from "../failures.ts";
import { tell, write } from "../output.ts";
import { formatCount } from "../table.ts";

const BATCH_RECORDS = 2_000;
/** Enough that reading, checking and committing all go on at the same time. */
const MAX_IN_FLIGHT = 4;

type LogOptions = CommonOptions & { ack?: boolean; session?: string };

export function logCommand(program: Command): void {
  const command = addDataDir(program.command("log"))
    .description("log records from stdin, one JSON object a line")
    .option("--ack", "print each message_uuid once its record is accepted, in the order of the input")
    .option("--session <id>", "the session of records that name none");
  act<LogOptions>(command, (options, dataDir) =>
    withLedger(dataDir, (ledger) => logRecords(ledger, options)),
  );
}

async function logRecords(ledger: MessageLogger, { ack, session }: LogOptions): Promise<ExitCode> {
  if (ledger.storeProblem !== null) tell(`waybill: ${ledger.storeProblem.message}`);
  let accepted = 0;
  /** After a failure, of records that had been sent already. */
  let acceptedBehind = 0;
  let bad = 0;
  const intake = new RecordIntake({
    log: (records) => ledger.logMessages(session === undefined ? records : inSession(records, session)),
    batchSize: BATCH_RECORDS,
    maxInFlight: MAX_IN_FLIGHT,
    onAccepted: async (acceptance: Acceptance) => {
      if (intake.hasFailed) {
        // Their ids would stand where those of the refused are due.
        acceptedBehind += acceptance.accepted;
        return;
      }
      accepted += acceptance.accepted;
      if (ack === true && acceptance.message_uuids.length > 0)
        await write(`${acceptance.message_uuids.join("\n")}\n`);
    },
    onRejected: (line, error) => {
      bad += 1;
      tell(`line ${line.number}: ${error}`);
    },
  });

  const lines = new RecordLines();
  const stop = untilStopped();
  try {
    for await (const chunk of chunksUntil(process.stdin, stop.signal)) await intake.push(lines.push(chunk));
    // A line that the end of our time cut in two is not a record; at the end of the input it is the last.
    if (!stop.signal.aborted) await intake.push(lines.end());
    await intake.finish();
  } catch (error) {
    await intake.settle();
    const { code, message } = toErrorBody(error);
    if (code === "internal") throw error;
    const behind = acceptedBehind === 0 ? "" : `, and ${formatCount(acceptedBehind)} of those that followed`;
    tell(
      `waybill: ${message} ${formatCount(accepted)} records were accepted before that${behind}; the rest were not.`,
    );
    return EXIT_FAILED;
  } finally {
    stop.done();
    // A terminal or an open pipe would keep the process alive.
    process.stdin.destroy();
  }
  if (stop.signal.aborted)
    tell(`waybill: stopped; the ${formatCount(accepted)} records read so far are accepted.`);
  return bad > 0 ? EXIT_FAILED : EXIT_OK;
}

function inSession(records: unknown[], session: string): unknown[] {
  return records.map((record) => {
    if (typeof record !== "object" || record === null || Array.isArray(record)) return record;
    const { session_id: own } = record as { session_id?: unknown };
    return own === undefined || own === null || own === "" ? { ...record, session_id: session } : record;
  });
}
