/** Logs lists of records in process, several in flight, as fast as they are accepted. */
import { type BenchRecord, makeRecord, type Shape } from "../data/records.ts";
import { openLedger } from "../product.ts";
import { untilIndexed } from "../search-index.ts";
import { collectGarbage, serveTask } from "../task.ts";

type FloodInput = { dataDir: string; shape: Shape; count: number };
/** `catchUpMs` is how long the search index took afterwards; null where the ledger does not tell. */
type FloodOutput = { ms: number; catchUpMs: number | null };
export type FloodTask = (input: FloodInput) => Promise<FloodOutput>;

const LIST = 1_000;
const IN_FLIGHT = 8;

serveTask<FloodInput, FloodOutput>(async ({ dataDir, shape, count }) => {
  const lists: BenchRecord[][] = [];
  for (let start = 0; start < count; start += LIST) {
    const length = Math.min(LIST, count - start);
    lists.push(Array.from({ length }, (_, offset) => makeRecord(shape, start + offset).record));
  }
  await using ledger = await openLedger(dataDir);
  collectGarbage();
  const started = performance.now();
  let accepted = 0;
  const logNext = async (): Promise<void> => {
    for (let list = lists.shift(); list !== undefined; list = lists.shift()) {
      const acceptance = await ledger.logMessages(list);
      accepted += acceptance.accepted;
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, logNext));
  const ms = performance.now() - started;
  if (accepted !== count) throw new Error(`${accepted} of ${count} records were accepted`);
  return { ms, catchUpMs: await untilIndexed(ledger) };
});
