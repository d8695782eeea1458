/** Fills a ledger with the records of a shape and their later status changes, and waits for its search index. */
import { makeRecord, type Shape } from "../data/records.ts";
import { openLedger } from "../product.ts";
import { untilIndexed } from "../search-index.ts";
import { serveTask } from "../task.ts";

type BuildInput = { dataDir: string; shape: Shape };
/** `lastMs` is the time of the last tenth alone: it tells whether a full ledger takes records as fast as an empty one. */
type BuildOutput = { ms: number; lastMs: number; changes: number; catchUpMs: number | null };
export type BuildTask = (input: BuildInput) => Promise<BuildOutput>;

const LIST = 1_000;
const IN_FLIGHT = 4;

serveTask<BuildInput, BuildOutput>(async ({ dataDir, shape }) => {
  await using ledger = await openLedger(dataDir);
  const started = performance.now();
  const lastTenth = Math.floor(shape.records * 0.9);
  let lastStarted = started;
  let next = 0;
  let changes = 0;
  const fill = async (): Promise<void> => {
    while (next < shape.records) {
      const start = next;
      next = Math.min(start + LIST, shape.records);
      if (start < lastTenth && next >= lastTenth) lastStarted = performance.now();
      const list = Array.from({ length: next - start }, (_, offset) => makeRecord(shape, start + offset));
      const { accepted, rejected } = await ledger.logMessages(list.map(({ record }) => record));
      if (accepted !== list.length) throw new Error(`Not accepted: ${rejected[0]?.error}`);
      const later = list.flatMap(({ record, later }) => (later === null ? [] : [{ record, later }]));
      await Promise.all(
        later.map(({ record, later: { status, ...options } }) =>
          ledger.updateMessageStatus(record.message_uuid, status, options),
        ),
      );
      changes += later.length;
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, fill));
  const ended = performance.now();
  const catchUpMs = await untilIndexed(ledger);
  return { ms: ended - started, lastMs: ended - lastStarted, changes, catchUpMs };
});
