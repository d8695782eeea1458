import type { QueryNode } from "../../../src-shared/query/ast.ts";
import { compileNameTest } from "../../../src-shared/query/fold.ts";
import { STATUSES, type Status } from "../../../src-shared/status.ts";
import type { ReadableDatabase } from "../open.ts";
import { GRAIN } from "../slots.ts";
import { OTHER_KEY } from "../writer/rollups.ts";
import { listChannels } from "./counted-query.ts";
import type { HourTest } from "./slices.ts";

/**
 * What the statistics tell of the hours in which a query can have matches: those of its statuses, and of its
 * channel, where it asks for such a one above all else. Null where they tell nothing.
 */
export function hourTest(database: ReadableDatabase, query: QueryNode | null): HourTest {
  let statuses: readonly Status[] = STATUSES;
  let channels: string[] | null = null;
  for (const node of query?.kind === "and" ? query.nodes : [query]) {
    if (node?.kind !== "filter") continue;
    if (node.field === "status") statuses = statuses.filter((status) => node.statuses.includes(status));
    if (node.field === "channel") {
      const tests = node.patterns.map(compileNameTest);
      channels = (channels ?? [...listChannels(database), OTHER_KEY]).filter(
        (channel) => channel === OTHER_KEY || tests.some((test) => test(channel)),
      );
    }
  }
  const any = statuses.length === 0 ? "0" : statuses.map((status) => `c.${status}`).join(" + ");
  if (channels === null) {
    if (statuses.length === STATUSES.length) return null;
    return { sql: `(${any.replaceAll("c.", "h.")}) > 0`, parameters: [] };
  }
  return {
    sql: `EXISTS (SELECT 1 FROM message_counts AS c WHERE c.dimension = 'channel' AND c.grain = ${GRAIN.hour}
      AND c.slot = h.slot AND c.key IN (${channels.map(() => "?").join(", ")}) AND (${any}) > 0)`,
    parameters: channels,
  };
}
