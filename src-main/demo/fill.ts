import { WaybillError } from "../../src-shared/errors.ts";
import { formatTime } from "../../src-shared/time.ts";
import type { MessageLogger } from "../ledger/message-logger.ts";
import type { DemoMessage } from "./compose.ts";
import { createSample } from "./sample.ts";

const BATCH = 500;

type FillOptions = {
  onProgress?: ((done: number, total: number) => void) | undefined;
  signal?: AbortSignal | undefined;
  /** Milliseconds since 1970 up to which the sample reaches; the present where left out. */
  now?: number | undefined;
};

/**
 * Fills an empty ledger with the sample: 60 days of a shop with a clinic and a bank, the same
 * each time for the same `now`. Rejects with `conflict` on a ledger that holds anything, with
 * `cancelled`, and with what the ledger rejects with; what is in by then stays.
 */
export async function fillWithDemo(
  ledger: MessageLogger,
  { onProgress, signal, now = Date.now() }: FillOptions = {},
): Promise<{ messages: number; sessions: number }> {
  await requireEmpty(ledger);
  const { sessions, messages } = await createSample(now);
  await Promise.all(
    sessions.map(({ started_ts, ended_ts, ...session }) =>
      ledger.beginSession({
        ...session,
        started_ts: formatTime(started_ts),
        ended_ts: ended_ts === null ? null : formatTime(ended_ts),
      }),
    ),
  );
  for (let start = 0; start < messages.length; start += BATCH) {
    if (signal?.aborted) {
      throw new WaybillError("cancelled", `The sample was stopped after ${start} messages, which stay.`);
    }
    const batch = messages.slice(start, start + BATCH).map(({ compose }) => compose());
    await logBatch(ledger, batch);
    onProgress?.(start + batch.length, messages.length);
  }
  await ledger.logSystemEvent({
    level: "info",
    component: "demo",
    message: `The ledger was empty and now holds the sample: ${messages.length} messages in ${sessions.length} sessions.`,
    details: { messages: messages.length, sessions: sessions.length, until: formatTime(now) },
  });
  return { messages: messages.length, sessions: sessions.length };
}

async function requireEmpty(ledger: MessageLogger): Promise<void> {
  const { messages } = await ledger.read("messages.search", { q: "", limit: 1 });
  const { sessions } = await ledger.read("sessions.list", { text: "", limit: 1 });
  if (messages.length === 0 && sessions.length === 0) return;
  throw new WaybillError(
    "conflict",
    "The ledger is not empty, and the sample would mix with what it holds: name an empty data directory.",
  );
}

async function logBatch(ledger: MessageLogger, batch: readonly DemoMessage[]): Promise<void> {
  const { rejected } = await ledger.logMessages(batch.map(({ record }) => record));
  const [first] = rejected;
  if (first !== undefined) throw new Error(`The sample holds a record that is not valid: ${first.error}`);
  // The ledger keeps the order in which reports come, so there is no need to wait for each.
  await Promise.all(
    batch.flatMap(({ record, reports }) =>
      reports.map(({ status, ...report }) => ledger.updateMessageStatus(record.message_uuid, status, report)),
    ),
  );
}
