import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Archive } from "../../support/archive.ts";
import type { RabbitMq } from "../../support/rabbitmq.ts";
import { spawnWaybill, temporaryFolder } from "./waybill.ts";

export type ConsumerEvent = { event: string; message: string; [detail: string]: unknown };

export type RunningConsumer = {
  child: ChildProcess;
  events: ConsumerEvent[];
  /** Settles with the next event of that name (and side), or one that has been; rejects when it ends before. */
  heard: (name: string, side?: "broker" | "archive") => Promise<ConsumerEvent>;
  stderr: () => string;
  /** Ends it; the exit code, or the signal that ended it. */
  stop: (signal?: NodeJS.Signals) => Promise<number | string>;
};

type Request = {
  rabbit: Pick<RabbitMq, "url">;
  archive: Pick<Archive, "url">;
  args?: readonly string[];
  env?: Record<string, string>;
};

/** A built `waybill consume --json`, killed after the test at the latest. */
export async function startConsumer({
  rabbit,
  archive,
  args = [],
  env = {},
}: Request): Promise<RunningConsumer> {
  const folder = await temporaryFolder();
  const child = spawnWaybill(["consume", "--json", "--data-dir", folder, ...args], {
    env: { RABBITMQ_URL: rabbit.url, DATABASE_URL: archive.url, ...env },
  });
  const events: ConsumerEvent[] = [];
  const waiting = new Set<(event: ConsumerEvent) => void>();
  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  if (child.stdout !== null) {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const event = JSON.parse(line) as ConsumerEvent;
      events.push(event);
      for (const hear of waiting) hear(event);
    });
  }
  const ended = once(child, "exit").then(([code, signal]) => (code ?? signal) as number | string);
  return {
    child,
    events,
    stderr: () => stderr,
    heard: (name, side) =>
      new Promise((resolve, reject) => {
        const isMeant = (one: ConsumerEvent): boolean =>
          one.event === name && (side === undefined || one.side === side);
        const known = events.find(isMeant);
        if (known !== undefined) return resolve(known);
        const hear = (event: ConsumerEvent): void => {
          if (!isMeant(event)) return;
          waiting.delete(hear);
          resolve(event);
        };
        waiting.add(hear);
        ended.then((code) => reject(new Error(`It ended with ${code} before "${name}": ${stderr}`)), reject);
      }),
    stop: async (signal = "SIGTERM") => {
      child.kill(signal);
      return await ended;
    },
  };
}
