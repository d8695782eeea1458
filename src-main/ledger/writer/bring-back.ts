import { setImmediate as nextTurn, setTimeout as pause } from "node:timers/promises";
import { WaybillError } from "../../../src-shared/errors.ts";
import { classifyTrouble } from "../sqlite-errors.ts";
import { assertGoingOn, type CallContext } from "../thread-port.ts";
import { copyWithFirstPage, removeCopy } from "./first-page.ts";
import { type Batch, SALVAGED_TABLES, type Salvaged, Salvager } from "./salvage.ts";
import type { Writer } from "./writer.ts";

/** How long a batch that met a passing trouble waits before it is tried again. */
const RETRY_MS = 500;

/**
 * Brings the readable rows of a database that was set aside into the open ledger; null where nothing
 * could be read. Goes on through troubles that pass, since nobody else would bring the rest. Throws
 * `cancelled`, or `unavailable` when the writer closes: the next start begins it again.
 */
export async function bringBack(
  writer: Writer,
  file: string,
  { progress, signal }: CallContext,
): Promise<Salvaged | null> {
  const copy = `${file}.readable`;
  let salvager: Salvager | null = null;
  let isDone = false;
  try {
    salvager = await openDamaged(file, copy);
    for (const batch of salvager?.batches() ?? []) {
      while (salvager !== null && !tryBatch(writer, salvager, batch)) {
        assertGoingOn(signal);
        await pause(RETRY_MS);
      }
      assertGoingOn(signal);
      progress(salvager?.counts.messages ?? 0, null);
      await nextTurn();
    }
    isDone = true;
    return salvager?.counts ?? null;
  } finally {
    salvager?.close();
    removeCopy(copy);
    writer.broughtBack(file, isDone);
  }
}

/** Null where neither the file nor a copy with a new first page can be read. */
async function openDamaged(file: string, copy: string): Promise<Salvager | null> {
  try {
    return new Salvager(file);
  } catch {
    // Not even its first page: the copy has another.
  }
  try {
    await copyWithFirstPage(file, copy, [...SALVAGED_TABLES, "sqlite_sequence"]);
    return new Salvager(copy);
  } catch (error) {
    const trouble = classifyTrouble(error);
    if (trouble === "corrupt") return null;
    throw error;
  }
}

/** False where the ledger does not take the batch now. */
function tryBatch(writer: Writer, salvager: Salvager, batch: Batch): boolean {
  try {
    salvager.bring(writer.requireStore().database, batch);
    return true;
  } catch (error) {
    const passes = error instanceof WaybillError || isPassing(error);
    if (writer.isClosed || !passes) throw error;
    return false;
  }
}

function isPassing(error: unknown): boolean {
  const trouble = classifyTrouble(error);
  return trouble !== "bug" && trouble !== "row" && trouble !== "newer";
}
