import type { Output, ParsedInput } from "../../../src-shared/contract/index.ts";
import type { ArchiveDatabase } from "./archive-database.ts";
import { NEWEST_FIRST } from "./walk.ts";

const NEWEST_MESSAGES = 2_000;
const MOST_VALUES = 100;

type Value = { value: string };

/** Of the newest messages, and of the rollup: the whole archive would take too long to ask while someone types. */
export async function vocabulary(
  database: ArchiveDatabase,
  _input: ParsedInput<"messages.vocabulary">,
): Promise<Output<"messages.vocabulary">> {
  const values = async (text: string): Promise<string[]> =>
    (await database.rows<Value>(`${text} LIMIT ${MOST_VALUES}`)).map(({ value }) => value);
  const ofNewest = (expression: string): Promise<string[]> =>
    values(
      `SELECT value FROM (
         SELECT ${expression} AS value FROM message_logs AS m ${NEWEST_FIRST} LIMIT ${NEWEST_MESSAGES}) AS newest
       WHERE value IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, 1`,
    );
  const [channels, templates, topics, types, sessions] = await Promise.all([
    values("SELECT m.channel AS value FROM message_hours AS m GROUP BY 1 ORDER BY sum(m.messages) DESC"),
    ofNewest("coalesce(m.template_name, m.template_id)"),
    ofNewest("m.topic"),
    ofNewest("m.message_type"),
    values("SELECT s.session_id AS value FROM sessions AS s ORDER BY s.started_ts DESC"),
  ]);
  return { channels, templates, topics, types, sessions };
}
