import { createHash } from "node:crypto";
import { hostname } from "node:os";
import type { MessageLogger } from "../ledger/message-logger.ts";
import type { IngestSources, RedisOptions } from "./config.ts";
import { Ingest, type IngestOptions } from "./ingest.ts";
import { ListSource } from "./list-source.ts";
import { StreamSource } from "./stream-source.ts";

type Start = {
  redis: RedisOptions;
  sources: IngestSources;
  ledger: MessageLogger;
  log: IngestOptions["log"];
};

export function startIngests({ redis, sources, ledger, log }: Start): Ingest[] {
  const worker = workerName(ledger.dataDir);
  const { queue, stream, group } = sources;
  return [
    ...(queue === null ? [] : [new ListSource(redis, queue, worker)]),
    ...(stream === null ? [] : [new StreamSource(redis, stream, group, worker)]),
  ].map((source) => new Ingest({ source, ledger, log }));
}

/** The same at each start: what this ledger's host had taken and not settled is its own to finish. */
function workerName(dataDir: string): string {
  return `${hostname()}-${createHash("sha256").update(dataDir).digest("hex").slice(0, 8)}`;
}
