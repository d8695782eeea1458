import { SECOND_MS } from "../../../src-shared/time.ts";
import type { Stream } from "../../ledger/sync-save.ts";
import type { Bucket, Entry, ReconcileSide, Span } from "../reconcile.ts";
import type { SupabaseOptions } from "../sink.ts";
import { type Answer, SupabaseApi, type Trouble } from "./api.ts";
import { failureOf, meaningOf } from "./failures.ts";

/** Supabase gives up after a minute itself. */
const SUM_MS = 65 * SECOND_MS;

/** What Supabase has, for `reconcile`. Its methods reject with `SinkFailure`. */
export class SupabaseRemote implements ReconcileSide {
  readonly #api: SupabaseApi;

  /** Throws `SinkFailure` where the file of the authority can't be read. */
  constructor(options: SupabaseOptions) {
    this.#api = new SupabaseApi(options);
  }

  /** One call; where that takes the database too long, one for each half of the time, and so on. */
  async buckets(
    stream: Stream,
    bucketMs: number,
    span: Span | null,
    signal: AbortSignal | undefined,
  ): Promise<Bucket[]> {
    const args = { span_ms: bucketMs, from_ms: span?.from ?? null, to_ms: span?.to ?? null };
    const answer = await this.#ask(`waybill_${stream}_fingerprints`, args, signal);
    if (answer.ok) {
      return readRows(answer.data).map(([start, count, fingerprint]) => ({
        start: Number(start),
        count: Number(count),
        fingerprint: Number(fingerprint),
      }));
    }
    const whole = isSlow(answer.trouble, this.#api.host)
      ? (span ?? (await this.#period(stream, signal)))
      : null;
    if (whole === null) throw failureOf(answer.trouble, this.#api.host);
    const middle = Math.floor((whole.from + whole.to) / 2 / bucketMs) * bucketMs;
    if (middle <= whole.from || middle >= whole.to) throw failureOf(answer.trouble, this.#api.host);
    const first = await this.buckets(stream, bucketMs, { from: whole.from, to: middle }, signal);
    return first.concat(await this.buckets(stream, bucketMs, { from: middle, to: whole.to }, signal));
  }

  async entries(stream: Stream, span: Span, signal: AbortSignal | undefined): Promise<Entry[]> {
    const args = { from_ms: span.from, to_ms: span.to };
    const answer = await this.#ask(`waybill_${stream}_revisions`, args, signal);
    if (!answer.ok) throw failureOf(answer.trouble, this.#api.host);
    return readRows(answer.data).map(([id, revision, status]) => ({
      id: String(id),
      revision: Number(revision),
      status: String(status),
    }));
  }

  close(): void {
    this.#api.close();
  }

  /** From the first row there is to the last, in whole hours; null without rows. */
  async #period(stream: Stream, signal: AbortSignal | undefined): Promise<Span | null> {
    const answer = await this.#ask("waybill_period", {}, signal);
    if (!answer.ok) throw failureOf(answer.trouble, this.#api.host);
    const periods = typeof answer.data === "object" && answer.data !== null ? answer.data : {};
    const period: unknown = Reflect.get(periods, stream);
    const [first, last] = Array.isArray(period) ? period : [];
    if (typeof first !== "number" || typeof last !== "number") return null;
    const hour = 3_600 * SECOND_MS;
    return { from: Math.floor(first / hour) * hour, to: (Math.floor(last / hour) + 1) * hour };
  }

  #ask(name: string, args: Record<string, unknown>, signal: AbortSignal | undefined): Promise<Answer> {
    return this.#api.call((client) => client.rpc(name, args), { signal, timeoutMs: SUM_MS });
  }
}

function isSlow(trouble: Trouble, host: string): boolean {
  const meaning = meaningOf(trouble, host);
  return meaning.kind === "failed" && meaning.isSlow;
}

function readRows(data: unknown): unknown[][] {
  return Array.isArray(data) ? data.filter((row): row is unknown[] => Array.isArray(row)) : [];
}
