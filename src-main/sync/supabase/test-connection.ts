import { SECOND_MS } from "../../../src-shared/time.ts";
import { SinkFailure, type SupabaseOptions } from "../sink.ts";
import { SupabaseApi } from "./api.ts";
import { checkSchema, probe } from "./schema-check.ts";

const LONGEST_MS = 10 * SECOND_MS;

/** Tries a project: its address, its key, its tables, and whether a row can be written. Never rejects. */
export async function testSupabase(
  options: SupabaseOptions,
  withinMs = LONGEST_MS,
): Promise<{ ok: boolean; message: string }> {
  let api: SupabaseApi | undefined;
  try {
    api = new SupabaseApi(options);
    const failure = await withinTime(api, options, withinMs);
    if (failure !== null) return { ok: false, message: failure.message };
    return { ok: true, message: `Connected to ${api.host}. Its tables are there and can be written.` };
  } catch (error) {
    if (error instanceof SinkFailure) return { ok: false, message: error.message };
    return {
      ok: false,
      message: `Supabase can't be asked: ${error instanceof Error ? error.message : error}`,
    };
  } finally {
    api?.close();
  }
}

async function withinTime(
  api: SupabaseApi,
  options: SupabaseOptions,
  ms: number,
): Promise<SinkFailure | null> {
  const signal = AbortSignal.timeout(ms);
  const failure = (await checkSchema(api, options, signal)) ?? (await probe(api, signal));
  if (failure === null || !signal.aborted) return failure;
  return new SinkFailure("retry", `${api.host} gave no answer within ${ms / SECOND_MS} seconds.`);
}
