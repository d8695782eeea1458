import type { Output, ParsedInput } from "../../../src-shared/contract/index.ts";
import type { ArchiveDatabase } from "./archive-database.ts";

/** Consumers write their events to stderr, and keep none in the archive. */
export async function listSystemLogs(
  _database: ArchiveDatabase,
  _input: ParsedInput<"systemLogs.list">,
): Promise<Output<"systemLogs.list">> {
  return { logs: [], next_cursor: null };
}
