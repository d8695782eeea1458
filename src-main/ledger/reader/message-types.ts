import type { Output, ParsedInput } from "../../../src-shared/contract/index.ts";
import { MAX_PAGE } from "../../../src-shared/contract/messages.ts";
import type { ReadableDatabase } from "../open.ts";
import { BY_TIME, compileFilter, LATEST, slicesOf } from "./messages.ts";
import type { Steps } from "./steps.ts";

/**
 * Matches by their type. No statistics are kept of types, so the matches themselves are read, in short steps: what
 * it costs grows with them.
 */
export function* messageTypes(
  database: ReadableDatabase,
  { q }: ParsedInput<"messages.types">,
): Steps<Output<"messages.types">> {
  const filter = compileFilter(database, q);
  const statement = database
    .prepare(
      `SELECT m.message_type, count(*) FROM message_logs AS m ${filter.isLed ? "" : BY_TIME}
       WHERE (${filter.where}) AND m.message_type IS NOT NULL AND m.origin_ts >= @low AND m.origin_ts < @high
       GROUP BY 1`,
    )
    .raw();
  const counts = new Map<string, number>();
  for (const slice of slicesOf(database, filter, LATEST)) {
    const found = statement.iterate({ ...filter.parameters, ...slice }) as Iterable<[string, number]>;
    for (const [type, count] of found) counts.set(type, (counts.get(type) ?? 0) + count);
    yield;
  }
  return { types: mostFrequentTypes(counts) };
}

export function mostFrequentTypes(counts: ReadonlyMap<string, number>): Output<"messages.types">["types"] {
  const types = [...counts].map(([message_type, count]) => ({ message_type, count }));
  types.sort((a, b) => b.count - a.count || (a.message_type < b.message_type ? -1 : 1));
  return types.slice(0, MAX_PAGE);
}
