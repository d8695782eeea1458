import { type Refusal, refuse } from "./errors.ts";
import type { SchemaCache } from "./schema-cache.ts";

export type Statement = {
  sql: string;
  values: unknown[];
  mode: "READ ONLY" | "READ WRITE";
  /** Settings that hold for the transaction, as `statement_timeout=55s`. */
  settings: readonly string[];
  answer: (rows: Record<string, unknown>[]) => { status: number; body?: unknown };
};

export type Call = { method: string; url: URL; prefer: string; body: string };

/** The statement that PostgREST makes of one of the calls that Waybill's client sends, or its refusal. */
export function statementOf(call: Call, cache: SchemaCache): Statement | Refusal {
  const [, kind, name] = /^\/rest\/v1\/(rpc\/)?(\w+)$/.exec(call.url.pathname) ?? [];
  if (name === undefined) return refuse(404, "PGRST125", "Invalid path specified in request URL");
  if (kind !== undefined && call.method === "POST") return routineCall(name, call, cache);
  if (call.method === "GET") return selection(name, call, cache);
  if (call.method === "POST") return upsert(name, call, cache);
  if (call.method === "DELETE") return deletion(name, call, cache);
  return refuse(405, "PGRST117", `Unsupported HTTP method: ${call.method}`);
}

function selection(table: string, { url }: Call, cache: SchemaCache): Statement | Refusal {
  if (!cache.tables.has(table)) return tableNotFound(table);
  const columns = (url.searchParams.get("select") ?? "*").split(",").map(quote).join(", ");
  const limit = Number(url.searchParams.get("limit") ?? 1_000);
  return {
    sql: `SELECT ${columns} FROM public.${quote(table)} LIMIT $1`,
    values: [limit],
    mode: "READ ONLY",
    settings: [],
    answer: (rows) => ({ status: 200, body: rows }),
  };
}

/** Of the rows whose column equals a value, as `message_uuid=eq.…`; answers with a column of each. */
function deletion(table: string, { url }: Call, cache: SchemaCache): Statement | Refusal {
  if (!cache.tables.has(table)) return tableNotFound(table);
  const [column, filter] = [...url.searchParams].find(([name]) => name !== "select") ?? [];
  const value = /^eq\.(.*)$/.exec(filter ?? "")?.[1];
  if (column === undefined || value === undefined)
    return refuse(400, "21000", "DELETE requires a WHERE clause");
  return {
    sql: `DELETE FROM public.${quote(table)} WHERE ${quote(column)} = $1 RETURNING ${quote(url.searchParams.get("select") ?? "*")}`,
    values: [value],
    mode: "READ WRITE",
    settings: [],
    answer: (rows) => ({ status: 200, body: rows }),
  };
}

function upsert(table: string, { url, prefer, body }: Call, cache: SchemaCache): Statement | Refusal {
  const known = cache.tables.get(table);
  if (known === undefined) return tableNotFound(table);
  if (!isJson(body)) return refuse(400, "PGRST102", "Empty or invalid json");
  const names = (url.searchParams.get("columns") ?? "").split(",").map((name) => name.replaceAll('"', ""));
  const missing = names.find((name) => !known.some((column) => column.name === name));
  if (missing !== undefined) {
    const message = `Could not find the '${missing}' column of '${table}' in the schema cache`;
    return refuse(400, "PGRST204", message);
  }
  const types = names.map((name) => `${quote(name)} ${known.find((column) => column.name === name)?.type}`);
  const columns = names.map(quote).join(", ");
  const replaced = names.map((name) => `${quote(name)} = EXCLUDED.${quote(name)}`).join(", ");
  const key = (url.searchParams.get("on_conflict") ?? "").split(",").map(quote).join(", ");
  const resolution = prefer.includes("resolution=merge-duplicates")
    ? `DO UPDATE SET ${replaced}`
    : "DO NOTHING";
  return {
    sql: `WITH written AS (
        INSERT INTO public.${quote(table)} (${columns})
        SELECT ${columns} FROM json_to_recordset($1::json) AS body (${types.join(", ")}) WHERE ${counting("+ 1")} <> '0'
        ON CONFLICT (${key}) ${resolution} RETURNING 1)
      SELECT count(*) AS rows, nullif(current_setting('pgrst.inserted', true), '')::int AS inserted FROM written`,
    values: [body],
    mode: "READ WRITE",
    settings: [],
    // 200 where nothing was inserted; no body without return=representation.
    answer: ([row]) => ({ status: Number(row?.inserted ?? 0) > 0 ? 201 : 200 }),
  };
}

/** As PostgREST tells insertions from updates: it counts them in a setting of the transaction. */
function counting(change: "+ 1" | "- 1"): string {
  const counted = "coalesce(nullif(current_setting('pgrst.inserted', true), ''), '0')::int";
  return `set_config('pgrst.inserted', (${counted} ${change})::text, true)`;
}

function routineCall(name: string, { body }: Call, cache: SchemaCache): Statement | Refusal {
  if (!isJson(body)) return refuse(400, "PGRST102", "Empty or invalid json");
  const args = JSON.parse(body) as Record<string, unknown>;
  const names = Object.keys(args);
  const routine = cache.routines.get(name);
  if (routine === undefined || names.some((each) => !routine.parameters.has(each))) {
    const form = names.length === 0 ? " without parameters" : `(${names.join(", ")})`;
    return refuse(404, "PGRST202", `Could not find the function public.${name}${form} in the schema cache`);
  }
  return {
    sql: `SELECT public.${quote(name)}(${names.map((each, index) => `${quote(each)} := $${index + 1}`).join(", ")}) AS result`,
    values: names.map((each) => args[each]),
    mode: routine.isStable ? "READ ONLY" : "READ WRITE",
    settings: routine.settings.filter((setting) => setting.startsWith("statement_timeout=")),
    answer: ([row]) => (row?.result === "" ? { status: 204 } : { status: 200, body: row?.result ?? null }),
  };
}

function tableNotFound(table: string): Refusal {
  return refuse(404, "PGRST205", `Could not find the table 'public.${table}' in the schema cache`);
}

function quote(name: string): string {
  return name === "*" ? name : `"${name.replaceAll('"', '""')}"`;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
