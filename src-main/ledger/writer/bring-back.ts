import { setImmediate as nextTurn, setTimeout as pause } from "node:timers/promises";
import { WaybillError } from "../../../src-shared/errors.ts";
import type { WritableDatabase } from "../open.ts";
import { classifyTrouble, toCallerError } from "../sqlite-errors.ts";
import { assertGoingOn, type CallContext } from "../thread-port.ts";
import { type Salvaged, Salvager } from "./salvage.ts";
import type { Writer } from "./writer.ts";

type Step = (database: WritableDatabase) => void;

/** How long a step that met a passing trouble waits before it is tried again. */
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
      await persist(writer, signal, (database) => salvager.bring(database, batch));
      progress(salvager.counts.messages, null);
    }
    let more = true;
    while (more) {
      await persist(writer, signal, (database) => {
        more = salvager.completeHistory(database);
      });
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

/** Does one step, again and again while the ledger does not take it. */
async function persist(writer: Writer, signal: AbortSignal, step: Step): Promise<void> {
  while (!tryStep(writer, step)) {
    assertGoingOn(signal);
    await pause(RETRY_MS);
  }
  assertGoingOn(signal);
  await nextTurn();
}

/** False where the ledger does not take it now. */
function tryStep(writer: Writer, step: Step): boolean {
  try {
    step(writer.requireStore().database);
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
