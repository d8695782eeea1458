import { setImmediate as nextTurn, setTimeout as pause } from "node:timers/promises";
import { WaybillError } from "../../../src-shared/errors.ts";
import { classifyTrouble, toCallerError } from "../sqlite-errors.ts";
import { assertGoingOn, type CallContext } from "../thread-port.ts";
import { type Salvaged, Salvager } from "./salvage.ts";
import type { Store } from "./store.ts";
import type { Writer } from "./writer.ts";

type Step<T> = (store: Store) => T;

/** How long a step that met a passing trouble waits before it is tried again. */
const RETRY_MS = 500;

/**
 * Brings the readable rows of a database that was set aside into the open ledger; null where nothing
 * could be read, nor is known how much there was. Goes on through troubles that pass, since nobody else would bring the rest. Throws
 * `cancelled`, or `unavailable` when the writer closes: the next start begins it again.
 */
export async function bringBack(
  writer: Writer,
  file: string,
  { progress, signal }: CallContext,
): Promise<Salvaged | null> {
  let salvager = new Salvager(file);
  let isDone = false;
  try {
    for (;;) {
      const into = await persist(writer, signal, ({ inode }) => inode);
      isDone = await bringAll(writer, salvager, { file, into, progress, signal });
      if (isDone) break;
      salvager.close();
      salvager = new Salvager(file);
    }
    // Where nothing can be read it may still be known how much there was.
    return salvager.isAnyReadable || salvager.counts.unreadable > 0 ? salvager.counts : null;
  } catch (error) {
    throw toCallerError(error);
  } finally {
    salvager.close();
    writer.broughtBack(file, isDone);
  }
}

type Run = CallContext & { file: string; into: bigint };

/** False where another ledger took the place of the one that the rows went into: they are brought anew. */
async function bringAll(
  writer: Writer,
  salvager: Salvager,
  { file, into, progress, signal }: Run,
): Promise<boolean> {
  for (const batch of salvager.batches(writer.requireStore().database)) {
    const isSame = await persist(writer, signal, ({ database, inode }) => {
      if (inode === into) salvager.bring(database, batch);
      return inode === into;
    });
    if (!isSame) return false;
    progress(salvager.counts.messages, null);
  }
  // A history that is missing yet may be in the other: whoever is the last looks for what is missing for good.
  for (let more = !writer.isReturningBeside(file); more; ) {
    more = await persist(writer, signal, ({ database }) => salvager.completeHistory(database));
  }
  return true;
}

/** Does one step, again and again while the ledger does not take it. */
async function persist<T>(writer: Writer, signal: AbortSignal, step: Step<T>): Promise<T> {
  for (;;) {
    const done = tryStep(writer, step);
    assertGoingOn(signal);
    if (done !== null) {
      await nextTurn();
      return done.value;
    }
    await pause(RETRY_MS);
  }
}

/** Null where the ledger does not take it now. */
function tryStep<T>(writer: Writer, step: Step<T>): { value: T } | null {
  try {
    return { value: step(writer.requireStore()) };
  } catch (error) {
    const passes = error instanceof WaybillError || isPassing(error);
    if (writer.isClosed || !passes) throw error;
    return null;
  }
}

function isPassing(error: unknown): boolean {
  const trouble = classifyTrouble(error);
  return trouble !== "bug" && trouble !== "row" && trouble !== "newer";
}
