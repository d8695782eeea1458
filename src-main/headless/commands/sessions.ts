import type { Command } from "commander";
import { DEFAULT_PAGE, MAX_PAGE } from "../../../src-shared/contract/messages.ts";
import { act, addDataDir, type CommonOptions, positiveNumber, wholeNumber, withLedger } from "../command.ts";
import { tell, write, writeJson } from "../output.ts";
import { formatCount, formatMoment, formatShare, formatTable } from "../table.ts";

type SessionsOptions = CommonOptions & { days?: number; limit: number; cursor?: string };

export function sessionsCommand(program: Command): void {
  const command = addDataDir(program.command("sessions"))
    .description("sessions with their numbers, newest first")
    .option("--days <n>", "only of the last so many days", positiveNumber)
    .option("--limit <n>", "at most so many", wholeNumber(1, MAX_PAGE), DEFAULT_PAGE)
    .option("--cursor <cursor>", "go on after an earlier answer's next_cursor")
    .option("--json", "print {sessions, next_cursor}");
  act<SessionsOptions>(command, ({ days, limit, cursor, json }, dataDir) =>
    withLedger(dataDir, async (ledger) => {
      const page = await ledger.read("sessions.list", {
        limit,
        cursor: cursor ?? null,
        days: days ?? null,
        text: "",
      });
      if (json === true) {
        await writeJson(page);
      } else if (page.sessions.length === 0) {
        tell("There is no session yet.");
      } else {
        await write(
          formatTable(
            page.sessions,
            [
              { title: "STARTED (UTC)", text: ({ started_ts }) => formatMoment(started_ts) },
              {
                title: "ENDED (UTC)",
                text: ({ ended_ts }) => (ended_ts === null ? "open" : formatMoment(ended_ts)),
              },
              { title: "CHANNEL", text: ({ channel }) => channel },
              { title: "MESSAGES", text: ({ total }) => formatCount(total), align: "right" },
              { title: "FAILED", text: ({ failed }) => formatCount(failed), align: "right" },
              {
                title: "SUCCESS",
                text: ({ total, success_rate }) => formatShare(total === 0 ? null : success_rate),
                align: "right",
              },
              { title: "SESSION", text: ({ session_id }) => session_id, fills: true },
            ],
            process.stdout.columns,
          ),
        );
        if (page.next_cursor !== null) tell("There are more: raise --limit.");
      }
      return 0;
    }),
  );
}
