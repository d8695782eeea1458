import { MESSAGE_FIELDS } from "../../../src-shared/record.ts";
import type { SinkFailure } from "../sink.ts";
import type { SupabaseApi } from "./api.ts";
import { meaningOf, notAsExpected } from "./failures.ts";
import { SESSION_FIELDS } from "./rows.ts";

/** The version of assets/supabase/waybill.sql that this Waybill needs. */
const SCHEMA_VERSION = 1;
/** Fewer months of partitions ahead than these, and more are made. */
const FEW_MONTHS = 12;

/** Looks whether tables, columns and functions are there; why not, or null. */
export async function checkSchema(api: SupabaseApi, signal?: AbortSignal): Promise<SinkFailure | null> {
  const answers = await Promise.all([
    api.call((client) => client.rpc("waybill_schema"), { signal }),
    api.call((client) => client.from("message_logs").select(MESSAGE_FIELDS.join(",")).limit(0), { signal }),
    api.call((client) => client.from("sessions").select(SESSION_FIELDS.join(",")).limit(0), { signal }),
  ]);
  // A missing table says more than the missing function beside it.
  for (const answer of answers.toReversed()) {
    if (answer.ok) continue;
    const meaning = meaningOf(answer.trouble, api.host);
    return meaning.kind === "failed" ? meaning.failure : notAsExpected(meaning.reason);
  }
  const [schema] = answers;
  const { version, monthsAhead } = readSchema(schema.ok ? schema.data : null);
  if (version !== SCHEMA_VERSION) return notAsExpected(`version ${version}, needed ${SCHEMA_VERSION}`);
  // Best effort: where it fails, rows go to the default partition, and out of it the next time.
  if (monthsAhead < FEW_MONTHS) await api.call((client) => client.rpc("waybill_make_partitions"), { signal });
  return null;
}

/** Whether a row can be written; why not, or null. */
export async function probe(api: SupabaseApi, signal?: AbortSignal): Promise<SinkFailure | null> {
  const answer = await api.call((client) => client.rpc("waybill_probe"), { signal });
  if (answer.ok) return null;
  const meaning = meaningOf(answer.trouble, api.host);
  return meaning.kind === "failed" ? meaning.failure : notAsExpected(meaning.reason);
}

function readSchema(data: unknown): { version: number; monthsAhead: number } {
  const found: Record<string, unknown> = typeof data === "object" && data !== null ? { ...data } : {};
  return { version: Number(found.version ?? 0), monthsAhead: Number(found.months_ahead ?? 0) };
}
