import type { z } from "zod";
import { type Reply, toErrorBody, WaybillError } from "../../../src-shared/errors.ts";
import { MINUTE_MS } from "../../../src-shared/time.ts";
import { invalidBody, type UnexpectedError } from "../../api/call-procedure.ts";
import { isTrustedSender, type SenderFrame } from "../rules/trusted-sender.ts";

/** A call that takes longer than any of ours may is answered, so that the page does not wait for ever. */
const CALL_MS = 2 * MINUTE_MS;

export type InvokeEvent<S> = { readonly sender: S; readonly senderFrame: SenderFrame | null };
/** The one method of Electron's `ipcMain` that is used. */
export type IpcHandles<S> = {
  handle(channel: string, listener: (event: InvokeEvent<S>, ...args: unknown[]) => unknown): void;
};

export type RouterOptions<S> = {
  ipc: IpcHandles<S>;
  isOwnWindow: (sender: S) => boolean;
  onUnexpected: (unexpected: UnexpectedError) => void;
  /** For tests. */
  callMs?: number;
};

/** Answers what the page asks: who asks and with what is checked first, and every answer is a `Reply`. */
export class IpcRouter<S> {
  readonly #options: RouterOptions<S>;
  readonly #inFlight = new Set<Promise<unknown>>();
  #closed = false;

  constructor(options: RouterOptions<S>) {
    this.#options = options;
  }

  /** `run` may throw `WaybillError`; of any other error the page learns only that there was one. */
  handle<I>(channel: string, schema: z.ZodType<I>, run: (input: I) => unknown): void {
    this.handleReply(channel, async (raw) => {
      const parsed = schema.safeParse(raw);
      if (!parsed.success) return { ok: false, error: invalidBody(parsed.error.issues) };
      try {
        return { ok: true, value: await run(parsed.data) };
      } catch (error) {
        const body = toErrorBody(error);
        if (body.code === "internal") this.#options.onUnexpected({ component: channel, error });
        return { ok: false, error: body };
      }
    });
  }

  /**
   * As `handle`, for what checks its input and makes its reply itself; it must not reject. `late` is given once it
   * was answered, in time or without it.
   */
  handleReply(channel: string, run: (input: unknown, late: AbortSignal) => Promise<Reply<unknown>>): void {
    this.#options.ipc.handle(channel, (event, ...args) => this.#answer(channel, event, args, run));
  }

  /** Takes no more calls, and waits for those in flight, but not longer than `ms`. */
  async close(ms: number): Promise<void> {
    this.#closed = true;
    await withTimeLimit(Promise.all(this.#inFlight), ms, undefined);
  }

  async #answer(
    channel: string,
    event: InvokeEvent<S>,
    args: unknown[],
    run: (input: unknown, late: AbortSignal) => Promise<Reply<unknown>>,
  ): Promise<Reply<unknown>> {
    if (!isTrustedSender(event.senderFrame, this.#options.isOwnWindow(event.sender))) {
      const address = event.senderFrame?.url ?? "a frame that is gone";
      const error = new Error(`A call to ${channel} came from ${address.slice(0, 200)} and was refused.`);
      this.#options.onUnexpected({ component: "IPC", error });
      return refusal("forbidden", "Only Waybill's own window may ask this.");
    }
    if (args.length !== 1) return refusal("malformed", "A call has exactly one argument.");
    if (this.#closed)
      return refusal("unavailable", "Waybill is quitting. Start it again, then try once more.");
    const late = new AbortController();
    const running = run(args[0], late.signal);
    this.#inFlight.add(running);
    void running.finally(() => this.#inFlight.delete(running));
    const tooLong = refusal("unavailable", "This took too long and was given up. Try again.");
    const reply = await withTimeLimit(running, this.#options.callMs ?? CALL_MS, tooLong);
    late.abort();
    return reply;
  }
}

function refusal(code: "forbidden" | "malformed" | "unavailable", message: string): Reply<never> {
  return { ok: false, error: toErrorBody(new WaybillError(code, message)) };
}

/** What `work` gives, or `otherwise` where it takes longer. */
function withTimeLimit<T, O>(work: Promise<T>, ms: number, otherwise: O): Promise<T | O> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<O>((resolve) => {
    timer = setTimeout(resolve, ms, otherwise);
  });
  return Promise.race([work, limit]).finally(() => clearTimeout(timer));
}
