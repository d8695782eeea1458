import type { MessagePort } from "node:worker_threads";
import type { Queues } from "../../src-shared/contract/sync.ts";
import type { SinkName } from "../../src-shared/contract/sync-counts.ts";
import { type ErrorBody, WaybillError } from "../../src-shared/errors.ts";
import type { RelaySave } from "../ledger/sync-save.ts";
import { notify, serveThread } from "../ledger/thread-port.ts";
import { type ActiveSink, Forwarder, type ForwarderEvent, type ForwarderState } from "./forwarder.ts";
import { targetOf as rabbitmqTarget } from "./rabbitmq/config.ts";
import { QueueWatch } from "./rabbitmq/queue-watch.ts";
import { createRabbitMqSink } from "./rabbitmq/rabbitmq-sink.ts";
import type { RabbitMqOptions, SupabaseOptions } from "./sink.ts";
import { targetOf as supabaseTarget } from "./supabase/config.ts";
import { createSupabaseSink } from "./supabase/supabase-sink.ts";

/** A sink is null where it is off. */
export type ForwardingConfig = { rabbitmq: RabbitMqOptions | null; supabase: SupabaseOptions | null };

export type ForwardingNotice =
  | { notice: "state"; state: ForwarderState }
  | { notice: "event"; event: ForwarderEvent }
  | { notice: "queues"; queues: Queues | null }
  /** Asks for a save; to be answered by `saved`. */
  | { notice: "save"; id: number; save: RelaySave };

export type SaveAnswer = { id: number } & ({ leads: boolean } | { error: ErrorBody });

function forwardingMethods(port: MessagePort, database: string) {
  const tell = (notice: ForwardingNotice): void => notify(port, notice);
  const saves = new Map<number, { resolve: (leads: boolean) => void; reject: (error: Error) => void }>();
  let lastSave = 0;
  let queues: Queues | null = null;
  let watch: QueueWatch | null = null;

  const forwarder = new Forwarder({
    database,
    save: (save) =>
      new Promise((resolve, reject) => {
        lastSave += 1;
        saves.set(lastSave, { resolve, reject });
        tell({ notice: "save", id: lastSave, save });
      }),
    queues: () => queues,
    onState: (state) => tell({ notice: "state", state }),
    onEvent: (event) => tell({ notice: "event", event }),
  });

  const watchQueues = async (options: RabbitMqOptions | null): Promise<void> => {
    await watch?.close();
    watch = null;
    queues = null;
    if (options !== null) {
      watch = new QueueWatch(options, (sample) => {
        queues = sample;
        tell({ notice: "queues", queues });
      });
    }
  };

  return {
    configure: async ({ rabbitmq, supabase }: ForwardingConfig): Promise<void> => {
      const sinks: ActiveSink[] = [];
      if (rabbitmq !== null) {
        sinks.push({
          name: "rabbitmq",
          target: rabbitmqTarget(rabbitmq),
          connect: (listeners) => createRabbitMqSink(rabbitmq, listeners),
        });
      }
      if (supabase !== null) {
        sinks.push({
          name: "supabase",
          target: supabaseTarget(supabase),
          connect: () => createSupabaseSink(supabase),
        });
      }
      await Promise.all([forwarder.configure(sinks), watchQueues(rabbitmq)]);
    },
    urge: ({ sink }: { sink: SinkName | null }): void => forwarder.urge(sink),
    save: (): Promise<void> => forwarder.save(),
    saved: (answer: SaveAnswer): void => {
      const waiting = saves.get(answer.id);
      saves.delete(answer.id);
      if ("leads" in answer) waiting?.resolve(answer.leads);
      else waiting?.reject(new WaybillError(answer.error.code, answer.error.message));
    },
    /** Ends everything; the owner whose lease can be given up. */
    close: async (): Promise<string> => {
      await Promise.all([forwarder.close(), watchQueues(null)]);
      return forwarder.owner;
    },
  };
}

export type ForwardingMethods = ReturnType<typeof forwardingMethods>;

export function serveForwarding(port: MessagePort, database: string): void {
  serveThread(port, forwardingMethods(port, database));
}
