import { readFileSync } from "node:fs";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { SECOND_MS } from "../../../src-shared/time.ts";
import { SinkFailure, type SupabaseOptions } from "../sink.ts";
import { createHttpFetch, type HttpFetch } from "./http-fetch.ts";
import { parseRetryAfter } from "./retry-after.ts";
import { storableJson } from "./storable.ts";

/** Why a call did not do what it was to do. */
export type Trouble = {
  /** 0 where there was no answer. */
  status: number;
  /** PostgREST's or PostgreSQL's; empty where something else answered. */
  code: string;
  message: string;
  retryAfterMs: number | null;
  /** What hindered the exchange, where there was no answer. */
  error: Error | null;
  /** It took longer than it was given. */
  timedOut: boolean;
};

export type Answer = { ok: true; data: unknown } | { ok: false; trouble: Trouble };

/** A request that supabase-js has built, and not yet sent. */
type Query = {
  abortSignal: (signal: AbortSignal) => PromiseLike<{ data: unknown; error: unknown; status: number }>;
};

type Exchange = Pick<Trouble, "status" | "retryAfterMs" | "error">;
const SILENCE: Exchange = { status: 0, retryAfterMs: null, error: null };

/** How long a call may take. */
const CALL_MS = 30 * SECOND_MS;

/** One project's API, through supabase-js, with connections that are kept. */
export class SupabaseApi {
  readonly host: string;
  readonly #client: SupabaseClient;
  readonly #http: HttpFetch;
  /** supabase-js keeps neither headers nor the error of an exchange; the signal tells which call it was of. */
  readonly #exchanges = new WeakMap<AbortSignal, Exchange>();

  /** Throws `SinkFailure` where the file of the authority can't be read. */
  constructor(options: SupabaseOptions) {
    this.host = new URL(options.url).host;
    this.#http = createHttpFetch(options.caFile === null ? null : readAuthority(options.caFile));
    this.#client = createClient(options.url, options.key, {
      auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
      // Whoever calls knows better when to try again.
      db: { retry: false },
      global: { fetch: (input, init = {}) => this.#exchange(input, init) },
    });
  }

  /** Never rejects. */
  async call(
    build: (client: SupabaseClient) => Query,
    { signal, timeoutMs = CALL_MS }: { signal?: AbortSignal | undefined; timeoutMs?: number } = {},
  ): Promise<Answer> {
    // Not AbortSignal.any: the caller's signal lives for days, and would be told of every call.
    const ending = new AbortController();
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      ending.abort();
    }, timeoutMs);
    const end = (): void => ending.abort();
    signal?.addEventListener("abort", end, { once: true });
    if (signal?.aborted) end();
    try {
      const { data, error } = await build(this.#client).abortSignal(ending.signal);
      const exchange = this.#exchanges.get(ending.signal) ?? SILENCE;
      // Not supabase-js's own view: an empty 404, as of a wrong address, it takes for a success.
      if (!isError(error) && exchange.status >= 200 && exchange.status < 300) return { ok: true, data };
      const told = isError(error) ? error : {};
      const code = typeof told.code === "string" ? told.code : "";
      const message = typeof told.message === "string" ? told.message : "";
      return { ok: false, trouble: { ...exchange, code, message, timedOut } };
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
    }
  }

  close(): void {
    this.#http.close();
  }

  async #exchange(input: Parameters<typeof fetch>[0], init: RequestInit): Promise<Response> {
    const exchange = { ...SILENCE };
    if (init.signal) this.#exchanges.set(init.signal, exchange);
    const body = typeof init.body === "string" ? storableJson(init.body) : null;
    try {
      const response = await this.#http.fetch(input, { ...init, body });
      exchange.status = response.status;
      exchange.retryAfterMs = parseRetryAfter(response.headers.get("retry-after"), Date.now());
      return response;
    } catch (error) {
      exchange.error = error instanceof Error ? error : new Error(String(error));
      throw error;
    }
  }
}

function isError(error: unknown): error is Record<string, unknown> {
  return typeof error === "object" && error !== null;
}

function readAuthority(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new SinkFailure(
      "stop",
      `The file with the authority of Supabase's certificate can't be read: ${file}`,
      {
        cause,
      },
    );
  }
}
