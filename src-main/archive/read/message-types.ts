import type { Output, ParsedInput } from "../../../src-shared/contract/index.ts";
import { MAX_PAGE } from "../../../src-shared/contract/messages.ts";
import { mostFrequentTypes } from "../../ledger/reader/message-types.ts";
import type { ArchiveDatabase } from "./archive-database.ts";
import { matchingRows, requireArchiveFilter } from "./messages.ts";

/** Matches by their type: by one statement, or row by row where the query asks for what SQL can't tell. */
export async function messageTypes(
  database: ArchiveDatabase,
  { q }: ParsedInput<"messages.types">,
): Promise<Output<"messages.types">> {
  const filter = requireArchiveFilter(q);
  if (filter.matches === null) {
    const types = await database.rows<{ message_type: string; count: number }>(
      `SELECT m.message_type, count(*)::float8 AS count FROM message_logs AS m
       WHERE (${filter.where}) AND m.message_type IS NOT NULL
       GROUP BY 1 ORDER BY 2 DESC, m.message_type COLLATE "C" LIMIT ${MAX_PAGE}`,
      filter.values,
    );
    return { types };
  }
  const counts = new Map<string, number>();
  for await (const rows of matchingRows(database, filter)) {
    for (const { message_type } of rows)
      if (message_type !== null) counts.set(message_type, (counts.get(message_type) ?? 0) + 1);
  }
  return { types: mostFrequentTypes(counts) };
}
