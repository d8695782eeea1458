import type { ParsedInput } from "../../src-shared/contract/index.ts";
import type { SinkName } from "../../src-shared/contract/sync-counts.ts";
import { WaybillError } from "../../src-shared/errors.ts";
import { messageRecordSchema } from "../../src-shared/record.ts";
import { requireTime } from "../../src-shared/time.ts";
import type { MessageLogger } from "../ledger/message-logger.ts";
import type { ReadName } from "../ledger/reader/serve.ts";
import { STREAMS } from "../ledger/sync-save.ts";
import type { Handlers } from "./call-procedure.ts";
import type { SyncHost } from "./sync-host.ts";

type SyncName = Exclude<Extract<keyof Handlers, `sync.${string}`>, ReadName>;

/** The procedures of forwarding. What operators ask goes through the ledger, so any process may ask it. */
export function syncHandlers(ledger: MessageLogger, sync: SyncHost): Pick<Handlers, SyncName> {
  const pause =
    (paused: boolean) =>
    async ({ sink }: { sink: SinkName }) => {
      await ledger.sync.order({ order: "pause", sink, paused });
      return sync.status();
    };
  return {
    "sync.status": () => sync.status(),
    "sync.pause": pause(true),
    "sync.resume": pause(false),
    "sync.retry": async ({ sink, parked }) => {
      const keys = parked?.map(({ sink: name, what, position }) => ({ sink: name, stream: what, position }));
      // All means also what was refused just now.
      if (keys === undefined) await sync.save();
      const retried = await ledger.sync.order({ order: "retry", sink: sink ?? null, parked: keys ?? null });
      await sync.urge(sink ?? null);
      return { retried };
    },
    "sync.edit": async ({ sink, what, position, body }) => {
      const parked = { sink, stream: what, position };
      const text = JSON.stringify(await requireBody(ledger, { sink, what, position, body }));
      await ledger.sync.order({ order: "edit", parked, body: text });
      return {};
    },
    "sync.resend": async ({ sink, from, to }) => ({ changes: await resend(ledger, sink, from, to ?? null) }),
    "sync.test": ({ sink }) => sync.test(sink),
  };
}

/** What was accepted in a period is sent once more; how many changes that are. Throws `invalid` or `unavailable`. */
export async function resend(
  ledger: MessageLogger,
  sink: SinkName,
  from: string,
  to: string | null,
): Promise<number> {
  const first = requireTime(from, "from");
  const last = to === null ? Date.now() : requireTime(to, "to");
  if (last < first) throw new WaybillError("invalid", "to: is before from.");
  let changes = 0;
  for (const stream of sink === "supabase" ? STREAMS : (["message"] as const)) {
    const range = await ledger.sync.positionsBetween(stream, first, last);
    if (range === null) continue;
    await ledger.sync.order({ order: "resend", sink, stream, ranges: [range] });
    changes += range[1] - range[0] + 1;
  }
  return changes;
}

/** The sink's record as an operator wants it sent: another record's id or revision would overwrite that one. */
async function requireBody(
  ledger: MessageLogger,
  { sink, what, position, body }: ParsedInput<"sync.edit">,
): Promise<Record<string, unknown>> {
  const parked = await ledger.sync.parkedAt({ sink, stream: what, position });
  if (what === "message") {
    const checked = messageRecordSchema.strict().safeParse(body);
    const issue = checked.error?.issues[0];
    if (issue !== undefined)
      throw new WaybillError("invalid", `${issue.path.join(".") || "The record"}: ${issue.message}`);
  }
  const id = body[what === "message" ? "message_uuid" : "session_id"];
  if (id !== parked.id || body.revision !== parked.revision)
    throw new WaybillError("invalid", "The id and the revision stay as they are: they name what is sent.");
  return body;
}
