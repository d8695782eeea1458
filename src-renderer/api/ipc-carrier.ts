import type { EventEnvelope, ProcedureName } from "../../src-shared/contract/index.ts";
import type { NamedFile } from "../../src-shared/desktop-bridge.ts";
import type { Reply } from "../../src-shared/errors.ts";
import type { Carrier } from "./carrier.ts";
import type { DesktopBridge } from "./desktop-bridge.ts";

const GIVEN_UP: Reply<never> = { ok: false, error: { code: "cancelled", message: "The call was given up." } };

type AnyProcedure = (input: unknown, callId: number) => Promise<Reply<unknown>>;

/** Files that the system handed to the desktop app: the page has their beginning only. */
const openedIds = new WeakMap<File, string>();

/** The beginning of a file of the signal `file-opened`, to be shown and imported as one that was chosen. */
export async function readOpenedFile(
  bridge: DesktopBridge,
  { file_id, name }: NamedFile,
): Promise<Reply<File>> {
  const reply = await bridge.readOpenedFile(file_id);
  if (!reply.ok) return reply;
  const file = new File([new Uint8Array(reply.value)], name);
  openedIds.set(file, file_id);
  return { ok: true, value: file };
}

/** The desktop app's carrier: the core is in the same program, so it is always there and needs no sign-in. */
export function createIpcCarrier(bridge: DesktopBridge): Carrier {
  // Begins anywhere: a document on its way out may still call, and its numbers are not for the next one to give up.
  let calls = Math.floor(Math.random() * 2 ** 32);

  return {
    call(name: ProcedureName, input, signal) {
      if (signal?.aborted) return Promise.resolve(GIVEN_UP);
      calls += 1;
      const callId = calls;
      // The table is typed by name; here the name is a variable, and the host checks the input.
      const reply = (bridge.procedures[name] as AnyProcedure)(input, callId);
      signal?.addEventListener("abort", () => bridge.giveUp(callId), { once: true });
      return signal === undefined ? reply : unlessAborted(reply, signal);
    },
    subscribe: (listener) => bridge.onEvent(listener),
    tail: (q, listener, onOpen) =>
      bridge.tail(q, ({ changes, missed }) => {
        if (missed) onOpen?.();
        for (const data of changes) listener({ event: "message.changed", data } satisfies EventEnvelope);
      }),
    connection: () => "open",
    onConnection: () => () => {},
    importFile(file, options) {
      const openedId = openedIds.get(file);
      return openedId === undefined
        ? bridge.importFile(file, options)
        : bridge.importOpenedFile(openedId, options);
    },
    download: (job) => void bridge.saveJobFile(job.job_id),
    signIn: async () => ({ ok: true, value: null }),
  };
}

/** What changes something goes on to its end in the host; here nobody waits for it any more. */
function unlessAborted(reply: Promise<Reply<unknown>>, signal: AbortSignal): Promise<Reply<unknown>> {
  const aborted = new Promise<Reply<never>>((resolve) => {
    signal.addEventListener("abort", () => resolve(GIVEN_UP), { once: true });
  });
  return Promise.race([reply, aborted]);
}
