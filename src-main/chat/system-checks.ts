import type { LoggingStatus, SystemCheck, SystemName } from "../../src-shared/contract/chat.ts";
import { SYSTEMS } from "../../src-shared/contract/chat.ts";
import { SINK_TITLES, type SinkName } from "../../src-shared/contract/sync-counts.ts";
import { toErrorBody } from "../../src-shared/errors.ts";
import type { SyncHost } from "../api/sync-host.ts";
import type { MessageLogger } from "../ledger/message-logger.ts";
import type { Environment } from "../redis/config.ts";
import type { RedisHost } from "../redis/redis-host.ts";

export type CheckedSystems = { ledger: MessageLogger; redis: RedisHost; sync: SyncHost };

type Finding = Pick<SystemCheck, "status" | "message">;

/** Asks one system whether it works, by a round trip to it. Never rejects; tells no address and no secret. */
export async function checkSystem(systems: CheckedSystems, system: SystemName): Promise<SystemCheck> {
  const began = performance.now();
  let finding: Finding;
  try {
    finding = await find(systems, system);
  } catch (error) {
    finding = { status: "failed", message: toErrorBody(error).message };
  }
  return { system, ...finding, ms: Math.round(performance.now() - began) };
}

/** Asks all of them at once. Never rejects. */
export async function checkSystems(
  systems: CheckedSystems,
  environment: Environment,
): Promise<LoggingStatus> {
  const checks = await Promise.all(SYSTEMS.map((system) => checkSystem(systems, system)));
  const failed = checks.filter(({ status }) => status === "failed");
  const isSet = (name: string): boolean => Boolean(environment[name]?.trim());
  return {
    status: failed.length === 0 ? "healthy" : "unhealthy",
    environment_config: {
      redis_url: isSet("REDIS_URL"),
      rabbitmq_url: isSet("RABBITMQ_URL") || isSet("RABBITMQ_HOST"),
      supabase_url: isSet("SUPABASE_URL"),
      supabase_key: isSet("SUPABASE_KEY"),
    },
    systems: checks,
    recommendations: failed.map(({ system, message }) => `${system}: ${message}`),
  };
}

async function find({ ledger, redis, sync }: CheckedSystems, system: SystemName): Promise<Finding> {
  if (system === "redis") return redis.roundTrip();
  if (system === "ledger") return checkLedger(ledger);
  return checkSink(sync, system);
}

async function checkLedger(ledger: MessageLogger): Promise<Finding> {
  const { database, status } = await ledger.getDatabaseHealth();
  if (status === "failing" || !database.available) {
    return {
      status: "failed",
      message: ledger.storeProblem?.message ?? "The ledger's database can't be used now.",
    };
  }
  return { status: "ok", message: "The ledger takes records, and can be read." };
}

async function checkSink(sync: SyncHost, sink: SinkName): Promise<Finding> {
  const title = SINK_TITLES[sink];
  if (!(await sync.sinksOn()).includes(sink))
    return { status: "off", message: `${title} is not configured, or switched off.` };
  const { ok, message } = await sync.test(sink);
  if (!ok) return { status: "failed", message: withoutAddresses(message) };
  const done = { rabbitmq: "asked for its exchange and queues", supabase: "wrote a row and took it back" }[
    sink
  ];
  return { status: "ok", message: `Connected to ${title}, and ${done}.` };
}

/** Some sentences about a connection name where it goes to, with the user. */
function withoutAddresses(message: string): string {
  return message.replace(/\w+:\/\/\S*[^\s.,:]/g, "it");
}
