import type { Command } from "commander";
import { DEFAULT_PAGE, MAX_PAGE, type MessagePage } from "../../../src-shared/contract/messages.ts";
import type { MessageRecord } from "../../../src-shared/record.ts";
import type { MessageLogger } from "../../ledger/message-logger.ts";
import { act, addDataDir, type CommonOptions, wholeNumber, withLedger } from "../command.ts";
import { tell, write, writeJson } from "../output.ts";
import { type Column, formatMoment, formatTable } from "../table.ts";

const MOST_RESULTS = 100_000;

type SearchOptions = CommonOptions & { limit: number; cursor?: string };

export const MESSAGE_COLUMNS: readonly Column<MessageRecord>[] = [
  { title: "TIME (UTC)", text: ({ origin_ts }) => formatMoment(origin_ts) },
  { title: "STATUS", text: ({ status }) => status },
  { title: "CHANNEL", text: ({ channel }) => channel },
  { title: "TO", text: ({ destination_subject_ids }) => recipients(destination_subject_ids) },
  { title: "MESSAGE", text: aboutMessage, fills: true },
];

export function recipients(ids: readonly string[]): string {
  const [first = ""] = ids;
  return ids.length > 1 ? `${first} +${ids.length - 1}` : first;
}

/** What tells a message from others: why it failed, else what it says, else what it is. */
export function aboutMessage(message: MessageRecord): string {
  return (
    message.error_message ??
    message.content_preview ??
    message.topic ??
    message.message_type ??
    message.template_name ??
    message.message_uuid
  );
}

export function searchCommand(program: Command): void {
  const command = addDataDir(program.command("search <query>"))
    .description(
      'find messages with the query language, such as: status:failed channel:email after:7d "timed out"',
    )
    .option("--limit <n>", "at most so many", wholeNumber(1, MOST_RESULTS), DEFAULT_PAGE)
    .option("--cursor <cursor>", "go on after an earlier answer's next_cursor")
    .option("--json", "print {messages, next_cursor}");
  act<SearchOptions>(command, (options, dataDir, query = "") =>
    withLedger(dataDir, async (ledger) => {
      const page = await search(ledger, query, options);
      if (options.json === true) {
        await writeJson(page);
      } else if (page.messages.length === 0) {
        tell("No message matches.");
      } else {
        await write(formatTable(page.messages, MESSAGE_COLUMNS, process.stdout.columns));
        if (page.next_cursor !== null)
          tell("There are more: raise --limit, or use waybill export --filter for all.");
      }
      return 0;
    }),
  );
}

async function search(
  ledger: MessageLogger,
  q: string,
  { limit, cursor }: SearchOptions,
): Promise<MessagePage> {
  const page: MessagePage = { messages: [], next_cursor: cursor ?? null };
  do {
    const next = await ledger.read("messages.search", {
      q,
      limit: Math.min(MAX_PAGE, limit - page.messages.length),
      cursor: page.next_cursor,
    });
    page.messages.push(...next.messages);
    page.next_cursor = next.next_cursor;
  } while (page.next_cursor !== null && page.messages.length < limit);
  return page;
}
