import type pg from "pg";

export type Column = { name: string; type: string };
export type Routine = { parameters: ReadonlySet<string>; isStable: boolean; settings: readonly string[] };
export type SchemaCache = {
  tables: ReadonlyMap<string, readonly Column[]>;
  routines: ReadonlyMap<string, Routine>;
};

/** What PostgREST remembers of the schema public; it is read anew when something says NOTIFY pgrst. */
export async function readSchema(client: pg.Client): Promise<SchemaCache> {
  const columns = await client.query<{ table: string; name: string; type: string }>(`
    SELECT c.relname AS table, a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type
    FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v') AND NOT c.relispartition
      AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY c.relname, a.attnum`);
  const tables = new Map<string, Column[]>();
  for (const { table, name, type } of columns.rows) {
    const known = tables.get(table) ?? [];
    known.push({ name, type });
    tables.set(table, known);
  }
  const routines = await client.query<{
    name: string;
    parameters: string[] | null;
    volatility: string;
    settings: string[] | null;
  }>(`
    SELECT proname AS name, proargnames AS parameters, provolatile AS volatility, proconfig AS settings
    FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'`);
  return {
    tables,
    routines: new Map(
      routines.rows.map(({ name, parameters, volatility, settings }) => [
        name,
        { parameters: new Set(parameters ?? []), isStable: volatility !== "v", settings: settings ?? [] },
      ]),
    ),
  };
}
