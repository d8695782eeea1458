import { WaybillError } from "../../src-shared/errors.ts";
import { plural } from "../../src-shared/plural.ts";
import { errnoOf } from "../api/atomic-file.ts";
import { serveMetrics } from "../consume/metrics-server.ts";
import { Worker, type WorkerOptions } from "../consume/worker.ts";
import { WorkerMetrics } from "../consume/worker-metrics.ts";
import { targetOf } from "../sync/rabbitmq/config.ts";
import { SinkFailure } from "../sync/sink.ts";
import { UsageError } from "./failures.ts";

export type ConsumeEvent = { event: string; message: string; [detail: string]: unknown };

type RunOptions = WorkerOptions & { metrics: { host: string; port: number } | null };

/** Runs a worker until the signal is aborted, and tells what happens. Throws what keeps it from beginning. */
export async function runWorker(
  { metrics: listen, ...options }: RunOptions,
  tell: (event: ConsumeEvent) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const metrics = new WorkerMetrics();
  const report = (event: string, message: string, details: object = {}): void => {
    // Who reads it may have gone: the work goes on.
    tell({ event, message, ...details }).catch(() => {});
  };
  const worker = new Worker(options, {
    onTrouble: (side, trouble) => {
      metrics.trouble(side, trouble);
      if (trouble === null)
        report("reached", side === "broker" ? "RabbitMQ is reached." : "PostgreSQL is reached.", { side });
      else report("trouble", trouble, { side });
    },
    onWarning: (sentence) => report("warning", sentence),
    onStored: (written, ms) => {
      metrics.stored(written, ms);
      const { inserted, changed, unchanged } = written;
      report(
        "stored",
        `Stored a batch in ${Math.round(ms)} ms: ${inserted} new, ${changed} changed, ${unchanged} there already.`,
        { ...written, ms: Math.round(ms) },
      );
    },
    onBuried: (queue, reason) => {
      metrics.buried(queue);
      report("dead", `A message of ${queue} is dead: ${reason}`, { queue, reason });
    },
  });
  const server = listen === null ? null : await listenAt(metrics, listen.host, listen.port);
  const queues = options.queues.join(", ");
  const where = targetOf(options.broker);
  const details = {
    pid: process.pid,
    queues: options.queues,
    ...(server === null ? {} : { metrics_port: server.port }),
  };
  report(
    "consuming",
    `Takes from ${plural(options.queues.length, "queue")} (${queues}) of ${where}${server === null ? "" : `; health and metrics at port ${server.port}`}`,
    details,
  );
  try {
    await worker.run(signal);
  } catch (error) {
    throw error instanceof SinkFailure
      ? new WaybillError("unavailable", error.message, { cause: error })
      : error;
  } finally {
    await server?.close();
  }
}

async function listenAt(metrics: WorkerMetrics, host: string, port: number) {
  try {
    return await serveMetrics(metrics, host, port);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    throw new UsageError(`port ${port} of ${host} can't be used for the metrics: ${errnoOf(error)}.`);
  }
}
