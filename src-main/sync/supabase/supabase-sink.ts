import {
  type FoldingSink,
  type MessageChange,
  type Outcome,
  type SessionChange,
  SinkFailure,
  type SupabaseOptions,
  UNSETTLED,
} from "../sink.ts";
import { SupabaseApi } from "./api.ts";
import { type Meaning, meaningOf } from "./failures.ts";
import { limitsOf, MOST_ROWS } from "./request-limits.ts";
import { messageRows, sessionRows } from "./rows.ts";
import { checkSchema, probe } from "./schema-check.ts";
import { MOST_REQUESTS, type RowToSend, upsertRows } from "./upsert-rows.ts";

/**
 * Upserts into a Supabase project. All of it is idempotent, and a lower revision never replaces a higher one there
 * (assets/supabase/waybill.sql), so what was sent and not confirmed is sent again.
 */
export function createSupabaseSink(options: SupabaseOptions): FoldingSink {
  return new SupabaseSink(options);
}

class SupabaseSink implements FoldingSink {
  readonly folds = true;
  readonly batch = MOST_ROWS * MOST_REQUESTS;
  readonly #options: SupabaseOptions;
  #api: SupabaseApi | null = null;

  constructor(options: SupabaseOptions) {
    this.#options = options;
  }

  async open(signal: AbortSignal): Promise<void> {
    this.#api ??= new SupabaseApi(this.#options);
    const failure = await checkSchema(this.#api, this.#options, signal);
    if (failure !== null) throw failure;
  }

  deliver(changes: readonly MessageChange[], signal: AbortSignal): Promise<Outcome> {
    return this.#upsert("message_logs", "message_uuid", messageRows(changes), changes.length, signal);
  }

  readonly deliverSessions = (changes: readonly SessionChange[], signal: AbortSignal): Promise<Outcome> =>
    this.#upsert("sessions", "session_id", sessionRows(changes), changes.length, signal);

  async close(): Promise<void> {
    this.#api?.close();
    this.#api = null;
  }

  async #upsert(
    table: string,
    onConflict: string,
    rows: readonly RowToSend[],
    changes: number,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const api = this.#api;
    if (api === null) {
      const failure = new SinkFailure("retry", "The connection to Supabase is closed.");
      return { verdicts: new Array(changes).fill(UNSETTLED), failure };
    }
    const send = async (chunk: readonly RowToSend[]): Promise<Meaning | null> => {
      const answer = await api.call(
        (client) =>
          client.from(table).upsert(
            chunk.map(({ row }) => row),
            { onConflict },
          ),
        { signal },
      );
      return answer.ok ? null : meaningOf(answer.trouble, api.host);
    };
    const limits = limitsOf(this.#options);
    return upsertRows({ rows, changes, limits, send, probe: () => probe(api, signal) });
  }
}
