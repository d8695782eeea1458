import type pg from "pg";
import { SECOND_MS } from "../../src-shared/time.ts";
import { archiveFailure, isRefusal, openArchive } from "../archive/connection.ts";
import { wordMessages } from "../archive/word-messages.ts";
import { pauseAfter } from "../sync/back-off.ts";
import { SinkFailure } from "../sync/sink.ts";
import { sleep } from "./sleep.ts";

export type KeepWordedOptions = {
  archive: pg.ClientConfig;
  /** Whether messages are being stored, which then have the machine. */
  isBusy: () => boolean;
  /** Told once for each reason why nothing can be worded. Outages are the worker's to tell. */
  onWarning: (sentence: string) => void;
};

/** Some 20 ms of work for the database, and not too much text for the memory. */
const STEP = 500;
const IDLE_MS = 2 * SECOND_MS;
/** Of the time while messages are being stored, a tenth at most. */
const PAUSES_WHILE_BUSY = 9;

/**
 * Keeps the words of the archive's messages beside a worker, on a connection of its own, until the signal is aborted:
 * what is not worded yet costs searches time and hinders nothing. Never rejects.
 */
export async function keepWorded(options: KeepWordedOptions, signal: AbortSignal): Promise<void> {
  let warned = "";
  for (let tries = 0; !signal.aborted; tries += 1) {
    try {
      await wordUntilItFails(options, signal, () => {
        tries = 0;
      });
    } catch (error) {
      if (signal.aborted) return;
      const hinders = error instanceof SinkFailure && (error.kind === "stop" || isRefusal(error.cause));
      if (hinders && error.message !== warned) {
        warned = error.message;
        options.onWarning(`The words of messages can't be indexed: ${error.message}`);
      }
      await sleep(pauseAfter(tries, Math.random), signal);
    }
  }
}

/** Throws `SinkFailure`. */
async function wordUntilItFails(
  { archive, isBusy }: KeepWordedOptions,
  signal: AbortSignal,
  onDone: () => void,
): Promise<void> {
  const client = await openArchive(archive, "waybill consume (words)");
  // A step that waits for the server is not waited for.
  const end = (): void => void client.end().catch(() => {});
  signal.addEventListener("abort", end, { once: true });
  try {
    while (!signal.aborted) {
      const began = performance.now();
      const taken = await wordMessages(client, STEP);
      onDone();
      if (taken === 0) await sleep(IDLE_MS, signal);
      else if (isBusy()) await sleep(PAUSES_WHILE_BUSY * (performance.now() - began), signal);
    }
  } catch (error) {
    throw archiveFailure(error, client);
  } finally {
    signal.removeEventListener("abort", end);
    end();
  }
}
