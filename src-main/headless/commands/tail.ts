import type { Command } from "commander";
import type { MessageRecord } from "../../../src-shared/record.ts";
import { requireMatcher } from "../../api/require-matcher.ts";
import { act, addDataDir, type CommonOptions, untilStopped, withLedger } from "../command.ts";
import { tell, writeLine } from "../output.ts";
import { formatMoment, printable } from "../table.ts";
import { aboutMessage, recipients } from "./search.ts";

/** Lines that may wait for a slow terminal before some are left out. */
const MOST_WAITING = 10_000;
const STATUS_WIDTH = 9;

export function tailCommand(program: Command): void {
  const command = addDataDir(program.command("tail [query]"))
    .description("follow changes as they are accepted, by any process; Ctrl-C ends it")
    .option("--json", "print one record a line");
  act<CommonOptions>(command, (options, dataDir, query = "") => {
    const matches = requireMatcher(query);
    return withLedger(dataDir, async (ledger) => {
      const { signal, done } = untilStopped();
      const waiting: MessageRecord[] = [];
      let skipped = 0;
      let wake = () => {};
      const stop = ledger.on("message.changed", ({ message }) => {
        if (!matches(message)) return;
        if (waiting.length < MOST_WAITING) waiting.push(message);
        else skipped += 1;
        wake();
      });
      signal.addEventListener("abort", () => wake());
      try {
        while (!signal.aborted) {
          const message = waiting.shift();
          if (message !== undefined) {
            await writeLine(options.json === true ? JSON.stringify(message) : describe(message));
          } else {
            if (skipped > 0) tell(`waybill: ${skipped} changes came faster than they could be shown.`);
            skipped = 0;
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
          }
        }
      } finally {
        stop();
        done();
      }
      return 0;
    });
  });
}

function describe(message: MessageRecord): string {
  const { origin_ts, status, channel, destination_subject_ids } = message;
  const parts = [
    formatMoment(origin_ts),
    status.padEnd(STATUS_WIDTH),
    channel,
    recipients(destination_subject_ids),
  ];
  return [...parts, aboutMessage(message)].map(printable).filter(Boolean).join("  ");
}
