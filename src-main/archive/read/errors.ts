import { errorTemplate, errorTemplateId } from "../../../src-shared/error-template.ts";
import { cutPreview } from "../../../src-shared/record.ts";
import type { Period } from "../../ledger/reader/period.ts";
import type { ArchiveDatabase } from "./archive-database.ts";
import { toTimestamp } from "./moments.ts";
import { millisecondsOf } from "./record-row.ts";

/** What `errorTemplate` reads of a text. */
export const ERROR_HEAD = "left(m.error_message, 600)";
/** Different texts that are read, the most frequent first; what is left is counted together. */
const MOST_TEXTS = 50_000;

/** A reason as its messages of a time tell it; times in milliseconds since 1970. */
export type Reason = {
  id: number;
  template: string;
  sample: string;
  count: number;
  first: number;
  last: number;
  /** The texts that it stands for. */
  texts: string[];
};

type TextRow = { text: string; count: number; first: number; last: number };

/** Why messages of a period failed, and how many of them have texts that are too rare to be told apart. */
export async function reasonsOf(
  database: ArchiveDatabase,
  { from, to }: Period,
): Promise<{ reasons: Map<number, Reason>; other: number }> {
  const rows = await database.rows<TextRow & { total: number }>(
    `SELECT *, (sum(count) OVER ())::float8 AS total FROM (
       SELECT ${ERROR_HEAD} AS text, count(*)::float8 AS count,
         min(${millisecondsOf("m.origin_ts")}) AS first, max(${millisecondsOf("m.origin_ts")}) AS last
       FROM message_logs AS m
       WHERE m.origin_ts >= $1::timestamptz AND m.origin_ts < $2::timestamptz AND m.error_message IS NOT NULL
       GROUP BY 1) AS t
     ORDER BY count DESC, text COLLATE "C" LIMIT ${MOST_TEXTS}`,
    [toTimestamp(from), toTimestamp(to)],
  );
  const reasons = new Map<number, Reason>();
  let told = 0;
  for (const row of rows) {
    addText(reasons, row);
    told += row.count;
  }
  return { reasons, other: (rows[0]?.total ?? 0) - told };
}

function addText(reasons: Map<number, Reason>, { text, count, first, last }: TextRow): void {
  const template = errorTemplate(text);
  const id = errorTemplateId(template);
  const known = reasons.get(id);
  if (known === undefined) {
    reasons.set(id, { id, template, sample: cutPreview(text), count, first, last, texts: [text] });
    return;
  }
  if (first < known.first) known.sample = cutPreview(text);
  known.count += count;
  known.first = Math.min(known.first, first);
  known.last = Math.max(known.last, last);
  known.texts.push(text);
}

/** The most frequent first. */
export function byCount(a: Reason, b: Reason): number {
  return b.count - a.count || (String(a.id) < String(b.id) ? -1 : 1);
}
