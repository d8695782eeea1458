import type { Command } from "commander";
import { logLevel } from "../../api/environment.ts";
import { SettingsFile } from "../../api/settings-file.ts";
import { archiveOptions } from "../../archive/connection.ts";
import {
  type ConsumeFlags,
  consumeConfig,
  MAX_BATCH_SIZE,
  MAX_INTERVAL_MS,
  MAX_PREFETCH,
} from "../../consume/consume-config.ts";
import { rabbitmqOptions } from "../../sync/rabbitmq/config.ts";
import type { RabbitMqOptions } from "../../sync/sink.ts";
import { act, addDataDir, type CommonOptions, untilStopped, wholeNumber } from "../command.ts";
import { EXIT_OK, readArgument, UsageError } from "../failures.ts";
import { tell, writeLine } from "../output.ts";

type ConsumeOptions = CommonOptions &
  ConsumeFlags & { archive?: string; metricsPort?: number; metricsHost: string };

/** More is written in parts: a batch lies in memory several times over. */
const BATCH_BYTES = 8 * 1024 * 1024;
/** Enough for batches to come while one is written, however large messages are. */
const HELD_BYTES = 8 * BATCH_BYTES;

export function consumeCommand(program: Command): void {
  const command = addDataDir(program.command("consume"))
    .description("take messages from RabbitMQ queues into the PostgreSQL archive, until it is told to end")
    .option(
      "--queue <name>",
      "a queue to take from; may be given several times (default: message_storage)",
      gather,
    )
    .option("--archive <url>", "where PostgreSQL is (default: DATABASE_URL, DATABASE_HOST and so on, or PG*)")
    .option(
      "--batch-size <n>",
      "messages of one transaction (default: BATCH_SIZE or 500)",
      wholeNumber(1, MAX_BATCH_SIZE),
    )
    .option(
      "--batch-interval <ms>",
      "how long a message waits for others (default: BATCH_INTERVAL or 200)",
      wholeNumber(1, MAX_INTERVAL_MS),
    )
    .option(
      "--prefetch <n>",
      "messages out at once of each queue (default: two batches)",
      wholeNumber(1, MAX_PREFETCH),
    )
    .option(
      "--metrics-port <port>",
      "serve /health and /metrics there; 0 picks a free one",
      wholeNumber(0, 65_535),
    )
    .option("--metrics-host <address>", "the address for them", "127.0.0.1")
    .option("--json", "tell on stdout, in JSON lines, what happens");
  act<ConsumeOptions>(command, (options, dataDir) => consume(options, dataDir));
}

async function consume(options: ConsumeOptions, dataDir: string): Promise<number> {
  const broker = await brokerOptions(dataDir);
  const { queues, prefetch, batchSize, intervalMs } = readArgument(() => consumeConfig(process.env, options));
  const archive = readArgument(() => archiveOptions(process.env, options.archive));
  if (archive === null)
    throw new UsageError(
      "tell where PostgreSQL is: DATABASE_URL=postgres://user:password@host:5432/database",
    );
  // What only this command needs is not loaded for every other one.
  const { runWorker } = await import("../run-worker.ts");
  const { signal, done } = untilStopped();
  const isVerbose = ["info", "debug", "trace"].includes(logLevel(tell));
  try {
    await runWorker(
      {
        broker,
        archive,
        queues,
        prefetch,
        heldBytes: HELD_BYTES,
        batch: { size: batchSize, intervalMs, bytes: BATCH_BYTES },
        metrics:
          options.metricsPort === undefined ? null : { port: options.metricsPort, host: options.metricsHost },
      },
      async (event) => {
        if (options.json === true) await writeLine(JSON.stringify(event));
        else if (event.event !== "stored" || isVerbose) tell(`waybill: ${event.message}`);
      },
      signal,
    );
    return EXIT_OK;
  } finally {
    done();
  }
}

/** The broker of the environment and, where this machine has a ledger, of its settings. Throws `UsageError`. */
export async function brokerOptions(dataDir: string): Promise<RabbitMqOptions> {
  const { sync } = await new SettingsFile(dataDir, tell).get();
  const broker = readArgument(() => rabbitmqOptions(process.env, sync.rabbitmq, null));
  if (broker === null)
    throw new UsageError("tell where RabbitMQ is: RABBITMQ_URL=amqp://user:password@host:5672/vhost");
  return broker;
}

function gather(name: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), name];
}
