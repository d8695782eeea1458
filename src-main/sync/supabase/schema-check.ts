import { MESSAGE_FIELDS } from "../../../src-shared/record.ts";
import type { SinkFailure, SupabaseOptions } from "../sink.ts";
import type { SupabaseApi } from "./api.ts";
import { chatTableNotWritten, failureOf, notAsExpected } from "./failures.ts";
import { SESSION_FIELDS } from "./rows.ts";

/** The version of assets/supabase/waybill.sql that this Waybill needs. */
const SCHEMA_VERSION = 1;
/** Fewer months of partitions ahead than these, and more are made. */
const FEW_MONTHS = 12;
/** PostgREST's code for a function that is not there. */
const NO_FUNCTION = "PGRST202";

/** Looks whether tables, columns, functions and the trigger of the chat's table are there; why not, or null. */
export async function checkSchema(
  api: SupabaseApi,
  { chatTable }: SupabaseOptions,
  signal?: AbortSignal,
): Promise<SinkFailure | null> {
  const answers = await Promise.all([
    api.call((client) => client.rpc("waybill_schema"), { signal }),
    api.call((client) => client.from("message_logs").select(MESSAGE_FIELDS.join(",")).limit(0), { signal }),
    api.call((client) => client.from("sessions").select(SESSION_FIELDS.join(",")).limit(0), { signal }),
  ]);
  // A missing table says more than the missing function beside it.
  for (const answer of answers.toReversed()) {
    if (!answer.ok) return failureOf(answer.trouble, api.host);
  }
  const [schema] = answers;
  const { version, monthsAhead } = readSchema(schema.ok ? schema.data : null);
  if (version !== SCHEMA_VERSION) return notAsExpected(`version ${version}, needed ${SCHEMA_VERSION}`);
  // Best effort: where it fails, rows go to the default partition, and out of it the next time.
  if (monthsAhead < FEW_MONTHS) await api.call((client) => client.rpc("waybill_make_partitions"), { signal });
  return chatTable === null ? null : checkChatTable(api, chatTable, signal);
}

/** Turns that went to message_logs alone would never get into the chat's table: it is looked at before the first. */
async function checkChatTable(
  api: SupabaseApi,
  table: string,
  signal: AbortSignal | undefined,
): Promise<SinkFailure | null> {
  const answer = await api.call((client) => client.rpc("waybill_chat_table"), { signal });
  if (!answer.ok && answer.trouble.code === NO_FUNCTION)
    return chatTableNotWritten(table, "nothing there does that");
  if (!answer.ok) return failureOf(answer.trouble, api.host);
  const { problem } = readObject(answer.data);
  return problem === null ? null : chatTableNotWritten(table, String(problem));
}

/** Whether a row can be written; why not, or null. */
export async function probe(api: SupabaseApi, signal?: AbortSignal): Promise<SinkFailure | null> {
  const answer = await api.call((client) => client.rpc("waybill_probe"), { signal });
  return answer.ok ? null : failureOf(answer.trouble, api.host);
}

function readSchema(data: unknown): { version: number; monthsAhead: number } {
  const found = readObject(data);
  return { version: Number(found.version ?? 0), monthsAhead: Number(found.months_ahead ?? 0) };
}

function readObject(data: unknown): Record<string, unknown> {
  return typeof data === "object" && data !== null ? { ...data } : {};
}
