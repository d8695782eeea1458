import { setTimeout as pause } from "node:timers/promises";
import { chatTurnRecord } from "../../src-shared/bodies/chat-turn.ts";
import type { ProbeReport, ProbeStep, SystemName } from "../../src-shared/contract/chat.ts";
import { SINK_TITLES, SINKS, type SinkName } from "../../src-shared/contract/sync-counts.ts";
import { WaybillError } from "../../src-shared/errors.ts";
import { newId } from "../../src-shared/new-id.ts";
import { SECOND_MS } from "../../src-shared/time.ts";
import type { CheckedSystems } from "./system-checks.ts";

/** A sink that works gets a record in less than a second. */
const DELIVER_MS = 10 * SECOND_MS;
const LOOK_MS = 50;

export type ProbeInput = {
  message?: string | null | undefined;
  email?: string | null | undefined;
  bot_id?: string | null | undefined;
};

type Step = Pick<ProbeStep, "outcome" | "message">;

/**
 * Logs one record, follows it into every system that is on, and takes it back where that can be done: Redis forgets
 * it; the ledger, whose chain keeps all that was accepted, cancels it, and the sinks get that too. Never rejects.
 */
export async function probeSystems(
  systems: CheckedSystems,
  { message, email, bot_id }: ProbeInput,
  stopping: AbortSignal,
): Promise<ProbeReport> {
  const { ledger, redis, sync } = systems;
  const began = performance.now();
  const message_uuid = newId();
  const report = (steps: readonly ProbeStep[]): ProbeReport => ({
    success: steps.every(({ outcome }) => outcome !== "failed"),
    message_uuid,
    ms: Math.round(performance.now() - began),
    steps: [...steps],
  });
  const turn = {
    user_id: `waybill:probe:${message_uuid}`,
    user_input: message ?? "A probe of Waybill's",
    bot_reply: "",
    bot_id: bot_id ?? "waybill",
    email: email ?? "",
    platform: "waybill",
  };

  const logged = await timed("ledger", "log", async () => {
    const record = { ...chatTurnRecord(turn, Date.now()), message_type: "probe", status: "pending" } as const;
    const { stored } = await ledger.logMessage({ ...record, message_uuid }).accepted;
    return { outcome: "done", message: `Accepted into the ${stored}.` };
  });
  if (logged.outcome === "failed") return report([logged]);

  const on = await sync.sinksOn();
  const follow = (sink: SinkName, step: "deliver" | "remove", revision: number): Promise<ProbeStep> =>
    timed(sink, step, async () => {
      if (!on.includes(sink)) return off(SINK_TITLES[sink]);
      return followDelivery(systems, sink, { message_uuid, revision, step }, stopping);
    });
  const [remembered, ...delivered] = await Promise.all([
    timed("redis", "store", () => redis.tryTurn(turn, message_uuid)),
    ...SINKS.map((sink) => follow(sink, "deliver", 1)),
  ]);
  const cancelled = await timed("ledger", "remove", async () => {
    await ledger.updateMessageStatus(message_uuid, "cancelled");
    return { outcome: "done", message: "Cancelled: the ledger's chain keeps what was accepted." };
  });
  // One that did not get it need not be waited for again: it gets both when it works.
  const reached = SINKS.filter((sink) =>
    delivered.some((step) => step.system === sink && step.outcome === "done"),
  );
  const removed = await Promise.all(reached.map((sink) => follow(sink, "remove", 2)));
  return report([logged, remembered, ...delivered, cancelled, ...removed]);
}

/** Never rejects. */
async function timed(
  system: SystemName,
  step: ProbeStep["step"],
  work: () => Promise<Step>,
): Promise<ProbeStep> {
  const start = performance.now();
  let done: Step;
  try {
    done = await work();
  } catch (error) {
    done = { outcome: "failed", message: error instanceof WaybillError ? error.message : String(error) };
  }
  return { system, step, ...done, ms: Math.round(performance.now() - start) };
}

function off(title: string): Step {
  return { outcome: "off", message: `${title} is not configured, or switched off.` };
}

/** Until the sink has confirmed a revision, or refused it, or the time is over. */
async function followDelivery(
  { ledger }: CheckedSystems,
  sink: SinkName,
  { message_uuid, revision, step }: { message_uuid: string; revision: number; step: "deliver" | "remove" },
  stopping: AbortSignal,
): Promise<Step> {
  const title = SINK_TITLES[sink];
  const until = Date.now() + DELIVER_MS;
  while (Date.now() < until && !stopping.aborted) {
    const { deliveries } = await ledger.read("sync.deliveries", { message_uuid });
    const found = deliveries.find((each) => each.sink === sink && each.revision === revision);
    if (found?.state === "delivered") {
      const told = step === "deliver" ? `${title} confirmed it.` : `${title} has it as cancelled.`;
      return { outcome: "done", message: told };
    }
    if (found?.state === "parked")
      return { outcome: "failed", message: `${title} refused it: ${found.reason}` };
    await pause(LOOK_MS);
  }
  const message = `${title} did not confirm it within ${DELIVER_MS / SECOND_MS} s. It is delivered when that works.`;
  return { outcome: "failed", message };
}
