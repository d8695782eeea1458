import type { Breakdown } from "../../../src-shared/contract/statistics.ts";
import { quoteValue } from "../../../src-shared/query/edit.ts";
import type { Session } from "../../../src-shared/session.ts";
import { sessionName } from "../sessions/session-name.ts";
import { sessionQuery } from "../sessions/session-query.ts";

/** One line of an analytics table. */
export type BreakdownRow = Omit<Breakdown, "key"> & {
  key: string;
  name: string;
  /** Its messages, in the query language, without the time. */
  query: string;
};

export type SortKey = "name" | "total" | "success_rate" | "failed";
export type Sort = { by: SortKey; order: "asc" | "desc" };

export function fieldRows(field: "channel" | "template" | "to", rows: readonly Breakdown[]): BreakdownRow[] {
  return rows.map((row) => ({ ...row, name: row.key, query: `${field}:${quoteValue(row.key)}` }));
}

/** Sessions that began in the period. */
export function sessionRows(sessions: readonly Session[], from: number, to: number): BreakdownRow[] {
  return sessions
    .filter(({ started_ts }) => Date.parse(started_ts) >= from && Date.parse(started_ts) < to)
    .map((session) => {
      const { session_id, total, successful, failed, pending, cancelled } = session;
      return {
        key: session_id,
        name: sessionName(session),
        query: sessionQuery(session_id),
        total,
        successful,
        failed,
        pending,
        cancelled,
        success_rate: total === 0 ? null : session.success_rate,
      };
    });
}

/** Rows without a rate come last, whichever way it goes; equal ones by name. */
export function sortRows(rows: readonly BreakdownRow[], { by, order }: Sort): BreakdownRow[] {
  const sign = order === "asc" ? 1 : -1;
  const byName = (a: BreakdownRow, b: BreakdownRow) => a.name.localeCompare(b.name, "en");
  return rows.toSorted((a, b) => {
    if (by === "name") return sign * byName(a, b);
    const left = a[by];
    const right = b[by];
    if (left === null || right === null)
      return Number(left === null) - Number(right === null) || byName(a, b);
    return sign * (left - right) || byName(a, b);
  });
}

/** Chosen again, a column turns around; names begin with A, figures with the most. */
export function nextSort(current: Sort, by: SortKey): Sort {
  if (current.by === by) return { by, order: current.order === "asc" ? "desc" : "asc" };
  return { by, order: by === "name" ? "asc" : "desc" };
}

export function readSort(text: string): Sort {
  const [by, order] = text.split("-");
  const known: readonly SortKey[] = ["name", "total", "success_rate", "failed"];
  return {
    by: known.find((key) => key === by) ?? "total",
    order: order === "asc" ? "asc" : "desc",
  };
}

export function writeSort({ by, order }: Sort): string {
  return `${by}-${order}`;
}
