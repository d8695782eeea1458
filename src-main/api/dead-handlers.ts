import { WaybillError } from "../../src-shared/errors.ts";
import { readQueues } from "../consume/consume-config.ts";
import type { DeadQueue } from "../consume/dead-queue.ts";
import type { Handlers } from "./call-procedure.ts";
import type { SettingsFile } from "./settings-file.ts";
import { rabbitmqOf, type SyncSources } from "./sync-config.ts";

export type DeadName = Extract<keyof Handlers, `dead.${string}`>;

/** The procedures of what consumers could not store, at the broker of the host's settings. */
export function deadHandlers({
  settings,
  secrets,
  environment,
}: SyncSources & { settings: SettingsFile }): Pick<Handlers, DeadName> {
  const broker = async () => rabbitmqOf({ secrets, environment }, (await settings.get()).sync);
  let last: Promise<unknown> = Promise.resolve();
  // One after the other: what one look holds another would not find.
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(work);
    last = done.catch(() => {});
    return done;
  };
  const inQueue = <T>(queue: string, work: (letters: DeadQueue) => Promise<T>): Promise<T> =>
    inTurn(async () => {
      const found = await broker();
      if (found === null) throw new WaybillError("invalid", "RabbitMQ is not connected to this host.");
      // Loaded when asked for: its client takes time that every start of a host would pay.
      const { DeadQueue } = await import("../consume/dead-queue.ts");
      return work(new DeadQueue(found, queue));
    });

  return {
    "dead.queues": ({ also, only }) =>
      inTurn(async () => {
        const found = await broker();
        if (found === null) return { configured: false, queues: [] };
        const { countDead } = await import("../consume/dead-queue.ts");
        const names = new Set(only ?? [...readQueues(environment), ...also]);
        return { configured: true, queues: await countDead(found, [...names]) };
      }),
    "dead.list": ({ queue, limit }) => inQueue(queue, (letters) => letters.list(limit)),
    "dead.get": ({ queue, id }) =>
      inQueue(queue, async (letters) => {
        const letter = await letters.find(id);
        if (letter === null)
          throw new WaybillError("not_found", "It is not among the dead of that queue any more.");
        return letter;
      }),
    "dead.retry": ({ queue, ids }) =>
      inQueue(queue, async (letters) => ({ retried: await letters.retry(ids && new Set(ids)) })),
    "dead.drop": ({ queue, ids }) =>
      inQueue(queue, async (letters) => ({ dropped: await letters.drop(ids && new Set(ids)) })),
  };
}
