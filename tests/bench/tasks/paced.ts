/** Calls logMessage at an even pace and measures each call, and how long until its record is accepted. */
import { setTimeout as pause } from "node:timers/promises";
import { makeRecord, type Shape } from "../data/records.ts";
import { type Spread, spreadOf } from "../percentiles.ts";
import { openLedger } from "../product.ts";
import { collectGarbage, serveTask } from "../task.ts";

type PacedInput = { dataDir: string; shape: Shape; rate: number; seconds: number };
type PacedOutput = { callUs: Spread; acceptedMs: Spread };
export type PacedTask = (input: PacedInput) => Promise<PacedOutput>;

/** Not measured: until the code is compiled. */
const WARM_UP_SECONDS = 2;

serveTask<PacedInput, PacedOutput>(async ({ dataDir, shape, rate, seconds }) => {
  const skipped = WARM_UP_SECONDS * rate;
  const total = skipped + seconds * rate;
  // Without ids, so that making them is part of the call.
  const records = Array.from({ length: total }, (_, index) => {
    const { message_uuid: _made, ...fields } = makeRecord(shape, index).record;
    return fields;
  });
  const callUs = new Float64Array(total);
  const acceptedMs = new Float64Array(total);
  await using ledger = await openLedger(dataDir);
  collectGarbage();
  const waiting: Promise<void>[] = [];
  const started = performance.now();
  for (let index = 0; index < total; ) {
    const due = Math.min(total, Math.floor(((performance.now() - started) * rate) / 1_000));
    for (; index < due; index += 1) {
      const at = index;
      const before = performance.now();
      const { accepted } = ledger.logMessage(records[at] ?? {});
      callUs[at] = (performance.now() - before) * 1_000;
      waiting.push(
        accepted.then(() => {
          acceptedMs[at] = performance.now() - before;
        }),
      );
    }
    await pause(1);
  }
  await Promise.all(waiting);
  return {
    callUs: spreadOf(callUs.subarray(skipped)),
    acceptedMs: spreadOf(acceptedMs.subarray(skipped)),
  };
});
