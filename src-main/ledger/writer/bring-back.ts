import { setImmediate as nextTurn, setTimeout as pause } from "node:timers/promises";
import { WaybillError } from "../../../src-shared/errors.ts";
import { classifyTrouble, toCallerError } from "../sqlite-errors.ts";
import { assertGoingOn, type CallContext } from "../thread-port.ts";
import { type Batch, type Salvaged, Salvager } from "./salvage.ts";
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
  const salvager = new Salvager(file);
  let isDone = false;
  try {
    for (const batch of salvager.batches(writer.requireStore().database)) {
      while (!tryBatch(writer, salvager, batch)) {
        assertGoingOn(signal);
        await pause(RETRY_MS);
      }
      assertGoingOn(signal);
      progress(salvager.counts.messages, null);
      await nextTurn();
    }
    isDone = true;
    return salvager.isAnyReadable ? salvager.counts : null;
  } catch (error) {
    throw toCallerError(error);
  } finally {
    salvager.close();
    writer.broughtBack(file, isDone);
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
