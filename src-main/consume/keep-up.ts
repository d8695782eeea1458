import type pg from "pg";
import { SECOND_MS } from "../../src-shared/time.ts";
import { archiveFailure, isRefusal, openArchive } from "../archive/connection.ts";
import { sumCounts } from "../archive/sum-counts.ts";
import { wordMessages } from "../archive/word-messages.ts";
import { pauseAfter } from "../sync/back-off.ts";
import { SinkFailure } from "../sync/sink.ts";
import { sleep } from "../sync/sleep.ts";

export type KeepUpOptions = {
  archive: pg.ClientConfig;
  /** Whether messages are being stored, which then have the machine. */
  isBusy: () => boolean;
  /** Told once for each reason why nothing can be done. Outages are the worker's to tell. */
  onWarning: (sentence: string) => void;
};

/** Some 20 ms of work for the database, and not too much text for the memory. */
const WORDED_AT_ONCE = 500;
/** What a hundred batches and more note; while messages are being stored, added up when there is as much. */
const SUMMED_AT_ONCE = 400;
const IDLE_MS = 2 * SECOND_MS;
/** Of the time while messages are being stored, a tenth at most. */
const PAUSES_WHILE_BUSY = 9;

/**
 * Keeps the sums of the archive's counts and the words of its messages beside a worker, on a connection of its own, until
 * the signal is aborted: what is not added or worded yet costs readers time and hinders nothing. Never rejects.
 */
export async function keepUp(options: KeepUpOptions, signal: AbortSignal): Promise<void> {
  let warned = "";
  for (let tries = 0; !signal.aborted; tries += 1) {
    try {
      await workUntilItFails(options, signal, () => {
        tries = 0;
      });
    } catch (error) {
      if (signal.aborted) return;
      const hinders = error instanceof SinkFailure && (error.kind === "stop" || isRefusal(error.cause));
      if (hinders && error.message !== warned) {
        warned = error.message;
        options.onWarning(`The archive's counts and words can't be kept up: ${error.message}`);
      }
      await sleep(pauseAfter(tries, Math.random), signal);
    }
  }
}

/** Throws `SinkFailure`. */
async function workUntilItFails(
  { archive, isBusy }: KeepUpOptions,
  signal: AbortSignal,
  onDone: () => void,
): Promise<void> {
  const client = await openArchive(archive, "waybill consume (upkeep)");
  // A step that waits for the server is not waited for.
  const end = (): void => void client.end().catch(() => {});
  signal.addEventListener("abort", end, { once: true });
  try {
    while (!signal.aborted) {
      const began = performance.now();
      const summed = await sumCounts(client, SUMMED_AT_ONCE, isBusy() ? SUMMED_AT_ONCE : 1);
      const worded = await wordMessages(client, WORDED_AT_ONCE);
      onDone();
      if (summed + worded === 0) await sleep(IDLE_MS, signal);
      else if (isBusy()) await sleep(PAUSES_WHILE_BUSY * (performance.now() - began), signal);
    }
  } catch (error) {
    throw archiveFailure(error, client);
  } finally {
    signal.removeEventListener("abort", end);
    end();
  }
}
