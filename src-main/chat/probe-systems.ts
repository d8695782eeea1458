import { setTimeout as pause } from "node:timers/promises";
import { chatTurnRecord } from "../../src-shared/bodies/chat-turn.ts";
import type { ProbeReport, ProbeStep, SystemName } from "../../src-shared/contract/chat.ts";
import { SINK_TITLES, SINKS, type SinkName } from "../../src-shared/contract/sync-counts.ts";
import { WaybillError } from "../../src-shared/errors.ts";
import { newId } from "../../src-shared/new-id.ts";
import { SECOND_MS } from "../../src-shared/time.ts";
import { SinkFailure } from "../sync/sink.ts";
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
 * Logs one record, follows it into every system that is on, and takes it back: whoever reads RabbitMQ's queues gets it as
 * cancelled, for what is there can't be taken back; the others delete it. Never rejects.
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
    return done(`Accepted into the ${stored}.`);
  });
  if (logged.outcome === "failed") return report([logged]);

  const on = await sync.sinksOn();
  const follow = (sink: SinkName, step: "deliver" | "cancel", revision: number): Promise<ProbeStep> =>
    timed(sink, step, async () => {
      if (!on.includes(sink)) return off(SINK_TITLES[sink]);
      return followDelivery(systems, sink, { message_uuid, revision, step }, stopping);
    });
  const [remembered, ...delivered] = await Promise.all([
    timed("redis", "store", () => redis.storeProbe(turn, message_uuid)),
    ...SINKS.map((sink) => follow(sink, "deliver", 1)),
  ]);
  // One that did not get it need not be waited for again: it gets both when it works.
  const reached = SINKS.filter((sink) => isDone(delivered, sink));
  const cancelled = await timed("ledger", "cancel", async () => {
    await ledger.updateMessageStatus(message_uuid, "cancelled");
    return done("Cancelled, which the sinks get as well.");
  });
  const told = await Promise.all(reached.map((sink) => follow(sink, "cancel", 2)));

  // From the ledger first: what is not there any more is not sent again to where it was deleted.
  const removed = await timed("ledger", "remove", async () => {
    if (await ledger.removeProbe(message_uuid)) return done("Deleted, which the chain has signed.");
    return left("It stays as cancelled: a sink that is on has not had it.");
  });
  const removals = await Promise.all([
    ...(remembered.outcome === "off"
      ? []
      : [timed("redis", "remove", () => redis.removeProbe(turn.user_id))]),
    ...reached.map((sink) =>
      timed(sink, "remove", async () => {
        if (sink === "rabbitmq") return left("What is in the queues can't be taken back.");
        if (removed.outcome !== "done") return left("It stays as cancelled, as in the ledger.");
        await sync.deleteFromSupabase(message_uuid);
        return done("Deleted.");
      }),
    ),
  ]);
  return report([logged, remembered, ...delivered, cancelled, ...told, removed, ...removals]);
}

/** Never rejects. */
async function timed(
  system: SystemName,
  step: ProbeStep["step"],
  work: () => Promise<Step>,
): Promise<ProbeStep> {
  const start = performance.now();
  let outcome: Step;
  try {
    outcome = await work();
  } catch (error) {
    const isSentence = error instanceof WaybillError || error instanceof SinkFailure;
    outcome = { outcome: "failed", message: isSentence ? error.message : String(error) };
  }
  return { system, step, ...outcome, ms: Math.round(performance.now() - start) };
}

function isDone(steps: readonly ProbeStep[], system: SystemName): boolean {
  return steps.some((step) => step.system === system && step.outcome === "done");
}

function done(message: string): Step {
  return { outcome: "done", message };
}

function left(message: string): Step {
  return { outcome: "left", message };
}

function off(title: string): Step {
  return { outcome: "off", message: `${title} is not configured, or switched off.` };
}

/** Until the sink has confirmed a revision, or refused it, or the time is over. */
async function followDelivery(
  { ledger }: CheckedSystems,
  sink: SinkName,
  { message_uuid, revision, step }: { message_uuid: string; revision: number; step: "deliver" | "cancel" },
  stopping: AbortSignal,
): Promise<Step> {
  const title = SINK_TITLES[sink];
  const until = Date.now() + DELIVER_MS;
  while (Date.now() < until && !stopping.aborted) {
    const { deliveries } = await ledger.read("sync.deliveries", { message_uuid });
    const found = deliveries.find((each) => each.sink === sink && each.revision === revision);
    if (found?.state === "delivered")
      return done(step === "deliver" ? `${title} confirmed it.` : `${title} has it as cancelled.`);
    if (found?.state === "parked")
      return { outcome: "failed", message: `${title} refused it: ${found.reason}` };
    await pause(LOOK_MS);
  }
  const message = `${title} did not confirm it within ${DELIVER_MS / SECOND_MS} s. It is delivered when that works.`;
  return { outcome: "failed", message };
}
