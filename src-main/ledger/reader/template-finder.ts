import type { ReadableDatabase } from "../open.ts";

type TemplateRow = {
  id: number;
  template: string;
  sample: string;
  first_seen_ts: number;
  last_seen_ts: number;
};

/** Finds templates of errors by the keys that their counts have. Throws SQLite's error. */
export function templateFinder(database: ReadableDatabase): (key: string) => TemplateRow | undefined {
  const find = database.prepare("SELECT * FROM error_templates WHERE id = ?");
  return (key) => find.get(key) as TemplateRow | undefined;
}
