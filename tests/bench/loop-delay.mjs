/**
 * Loaded into the host by `--import`: measures how long its event loop stood still. On SIGUSR2 it writes what it saw
 * since the last time to the file that WAYBILL_BENCH_LOOP names, and begins anew. Plain JavaScript: stripping types
 * would slow the host's start.
 */
import { renameSync, writeFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { isMainThread } from "node:worker_threads";

/** @typedef {{ maxMs: number, p999Ms: number }} LoopDelay */

const file = process.env.WAYBILL_BENCH_LOOP;
// The ledger's own threads load it as well; callers wait for the main one alone.
if (isMainThread && file !== undefined) watch(file);

/** @param {string} file */
function watch(file) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  process.on("SIGUSR2", () => {
    /** @type {LoopDelay} */
    const seen = { maxMs: delay.max / 1e6, p999Ms: delay.percentile(99.9) / 1e6 };
    writeFileSync(`${file}.next`, JSON.stringify(seen));
    renameSync(`${file}.next`, file);
    delay.reset();
  });
}
