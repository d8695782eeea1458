import { resolve } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Acceptance } from "../../src-shared/contract/messages.ts";
import type { ExportFormat } from "../../src-shared/contract/upkeep.ts";
import { WaybillError } from "../../src-shared/errors.ts";
import { type ColumnMap, requireColumns, requireFields } from "./column-map.ts";
import { fileFormat } from "./file-format.ts";
import { readCsv } from "./read-csv.ts";
import { readJson, readNdjson } from "./read-json.ts";
import { createRecordMaker, type RecordMaker } from "./record-maker.ts";
import { createRejectsFile, type Reject } from "./rejects-file.ts";
import type { RowSource, SourceRow } from "./source-rows.ts";
import { openText, type TextFile } from "./text-file.ts";

/** A batch ends at so many rows, or at so many pieces of the file, so that large rows don't add up. */
const BATCH_ROWS = 1_000;
const BATCH_BLOCKS = 16;
/** Batches under way at once: reading goes on while the ledger commits. */
const MAX_IN_FLIGHT = 4;

export type ImportOptions = {
  format?: ExportFormat | undefined;
  map?: ColumnMap | undefined;
  /** For records that name none. */
  channel?: string | undefined;
  /** Default: the file's name with `.rejects.csv` behind it. */
  rejectsFile?: string | undefined;
  /** `bytesTotal` is 0 where it can't be known (a pipe). */
  onProgress?: ((bytesDone: number, bytesTotal: number) => void) | undefined;
  signal?: AbortSignal | undefined;
};

export type ImportResult = {
  /** Accepted and rejected ones; without blank rows. */
  rows: number;
  /** Durable now, with the duplicates. */
  accepted: number;
  /** Of the accepted, those that were there before. */
  duplicates: number;
  rejected: number;
  rejects_file: string | null;
};

type RecordTaker = { logMessages(list: readonly unknown[]): Promise<Acceptance> };

/**
 * Imports a file of records into the ledger, with memory that does not grow with the file. See
 * `createRecordMaker` for how a row becomes a record. Rows that can't be taken go to the rejects file and do not
 * stop the rest. Cells of CSV that our export made inert get their original text back.
 * Throws `not_found`, `unavailable` and `invalid` for the file, `invalid` for the map,
 * `cancelled`, and what the ledger throws; rows before that are in, and the same import again
 * brings only the rest.
 */
export async function importFile(
  ledger: RecordTaker,
  file: string,
  options: ImportOptions = {},
): Promise<ImportResult> {
  const map = options.map ?? {};
  requireFields(map);
  const rejectsPath = options.rejectsFile ?? `${file}.rejects.csv`;
  if (resolve(rejectsPath) === resolve(file)) {
    throw new WaybillError("invalid", "The rejects file can't be the imported file: name another one.");
  }
  const text = await openText(file, options.onProgress);
  try {
    const source = await openRows(text, fileFormat(options.format, file, text.start));
    requireColumns(map, source.columns);
    return await importRows(
      ledger,
      source,
      createRecordMaker(map, options.channel),
      rejectsPath,
      options.signal,
    );
  } finally {
    await text.close();
  }
}

function openRows(text: TextFile, format: ExportFormat): Promise<RowSource> {
  switch (format) {
    case "csv":
      return readCsv(text);
    case "json":
      return readJson(text.pieces);
    case "ndjson":
      return readNdjson(text.pieces);
  }
}

async function importRows(
  ledger: RecordTaker,
  source: RowSource,
  makeRecord: RecordMaker,
  rejectsPath: string,
  signal: AbortSignal | undefined,
): Promise<ImportResult> {
  const rejectsFile = createRejectsFile(rejectsPath, source.rawColumns);
  const result: ImportResult = { rows: 0, accepted: 0, duplicates: 0, rejected: 0, rejects_file: null };
  const inFlight: Promise<Outcome>[] = [];

  const settleOldest = async (): Promise<void> => {
    const outcome = await inFlight.shift();
    if (outcome === undefined) return;
    result.accepted += outcome.accepted;
    result.duplicates += outcome.duplicates;
    result.rejected += outcome.rejects.length;
    await rejectsFile.add(outcome.rejects);
  };

  try {
    for await (const batch of inBatches(source.blocks)) {
      if (signal?.aborted) break;
      const outcome = logBatch(ledger, batch, makeRecord, result.rows + 1);
      // Its failure is met when its turn comes; until then it must not count as unhandled.
      outcome.catch(() => {});
      inFlight.push(outcome);
      result.rows += batch.length;
      if (inFlight.length >= MAX_IN_FLIGHT) await settleOldest();
      await nextTurn();
    }
    const isStopped = signal?.aborted;
    while (inFlight.length > 0) await settleOldest();
    if (isStopped) throw cancelled(result.accepted);
  } finally {
    await Promise.allSettled(inFlight);
    result.rejects_file = await rejectsFile.close();
  }
  return result;
}

function cancelled(accepted: number): WaybillError {
  return new WaybillError(
    "cancelled",
    `The import was stopped after ${accepted} records, which stay; the same import again brings the rest.`,
  );
}

async function* inBatches(blocks: AsyncIterable<readonly SourceRow[]>): AsyncGenerator<SourceRow[]> {
  let batch: SourceRow[] = [];
  let count = 0;
  for await (const block of blocks) {
    for (const row of block) {
      batch.push(row);
      if (batch.length < BATCH_ROWS) continue;
      yield batch;
      batch = [];
      count = 0;
    }
    count += 1;
    if (count >= BATCH_BLOCKS && batch.length > 0) {
      yield batch;
      batch = [];
      count = 0;
    }
  }
  if (batch.length > 0) yield batch;
}

type Outcome = { accepted: number; duplicates: number; rejects: Reject[] };

async function logBatch(
  ledger: RecordTaker,
  batch: readonly SourceRow[],
  makeRecord: RecordMaker,
  firstNumber: number,
): Promise<Outcome> {
  const rows: SourceRow[] = [];
  const records: Record<string, unknown>[] = [];
  const rejects: Reject[] = [];
  for (const [index, row] of batch.entries()) {
    if ("error" in row) {
      rejects.push({ row, reason: row.error });
      continue;
    }
    try {
      records.push(makeRecord(firstNumber + index, row.columns, row.values));
      rows.push(row);
    } catch (error) {
      if (!(error instanceof WaybillError)) throw error;
      rejects.push({ row, reason: error.message });
    }
  }
  if (records.length === 0) return { accepted: 0, duplicates: 0, rejects };
  const acceptance = await ledger.logMessages(records);
  for (const { index, error } of acceptance.rejected) {
    const row = rows[index];
    if (row !== undefined) rejects.push({ row, reason: error });
  }
  rejects.sort((a, b) => a.row.line - b.row.line);
  return { accepted: acceptance.accepted, duplicates: acceptance.duplicates, rejects };
}
