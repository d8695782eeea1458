import type { Output, ParsedInput } from "../../../src-shared/contract/index.ts";
import { LEVELS, type Level } from "../../../src-shared/system-log.ts";
import { formatTime } from "../../../src-shared/time.ts";
import type { ReadableDatabase } from "../open.ts";
import { decodeCursor, encodeCursor, NEWEST } from "./cursor.ts";

type LogRow = {
  id: number;
  ts: number;
  level: Level;
  component: string;
  message: string;
  details: string | null;
};

/** A level and the graver ones. */
function levelsFrom(level: Level | null | undefined): readonly Level[] {
  return level ? LEVELS.slice(LEVELS.indexOf(level)) : LEVELS;
}

export function listSystemLogs(
  database: ReadableDatabase,
  { level, text, limit, cursor }: ParsedInput<"systemLogs.list">,
): Output<"systemLogs.list"> {
  const { ts, tie } = cursor ? decodeCursor(cursor) : NEWEST;
  const rows = database
    .prepare(
      `SELECT * FROM system_logs
       WHERE (ts, id) < (@ts, @tie) AND level IN (SELECT value FROM json_each(@levels))
         AND (@text = '' OR instr(lower(message || ' ' || component || ' ' || coalesce(details, '')), lower(@text)) > 0)
       ORDER BY ts DESC, id DESC LIMIT @limit`,
    )
    .all({ ts, tie, levels: JSON.stringify(levelsFrom(level)), text, limit: limit + 1 }) as LogRow[];
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const more = rows.length > limit && last !== undefined;
  return {
    logs: page.map((row) => ({
      id: row.id,
      ts: formatTime(row.ts),
      level: row.level,
      component: row.component,
      message: row.message,
      details: row.details === null ? null : (JSON.parse(row.details) as Record<string, unknown>),
    })),
    next_cursor: more ? encodeCursor({ ts: last.ts, tie: last.id }) : null,
  };
}
