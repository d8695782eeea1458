import {
  type Cleanup,
  cleanupSchema,
  loggingStatusSchema,
  probeInputSchema,
  probeReportSchema,
  redisCheckSchema,
  systemCheckSchema,
} from "../../../src-shared/contract/chat.ts";
import type { SinkName } from "../../../src-shared/contract/sync-counts.ts";
import { probeSystems } from "../../chat/probe-systems.ts";
import { type CheckedSystems, checkSystem, checkSystems } from "../../chat/system-checks.ts";
import type { HostContext, ZodApp } from "../host-context.ts";

const tags = ["Chat"];

/** Whether each system works, by a round trip to it: 200, or 503 where one that is on does not. */
export function systemStatusRoutes(app: ZodApp, { systems, stopping }: HostContext): void {
  if (systems === null) return;
  app.get(
    "/logging_system_status",
    {
      schema: {
        summary: "Whether the ledger, Redis, RabbitMQ and Supabase work, by a round trip to each that is on",
        tags,
        response: { 200: loggingStatusSchema, 503: loggingStatusSchema },
      },
    },
    async (_request, reply) => {
      const status = await checkSystems(systems, process.env);
      return reply.code(status.status === "healthy" ? 200 : 503).send(status);
    },
  );
  app.get(
    "/redis_status",
    {
      schema: {
        summary: "Whether Redis works: a key is written, read and deleted; and how the ingest from it stands",
        tags,
        response: { 200: redisCheckSchema, 503: redisCheckSchema },
      },
    },
    async (_request, reply) => {
      const check = { ...(await checkSystem(systems, "redis")), ingest: systems.redis.ingests };
      return reply.code(check.status === "failed" ? 503 : 200).send(check);
    },
  );
  sinkStatusRoute(app, systems, "rabbitmq", "Whether RabbitMQ works: its exchange and queues are asked for");
  sinkStatusRoute(app, systems, "supabase", "Whether Supabase works: a row is written and taken back");
  probeRoute(app, systems, stopping);
  cleanupRoute(app, systems);
}

function sinkStatusRoute(app: ZodApp, systems: CheckedSystems, sink: SinkName, summary: string): void {
  app.get(
    `/${sink}_status`,
    { schema: { summary, tags, response: { 200: systemCheckSchema, 503: systemCheckSchema } } },
    async (_request, reply) => {
      const check = await checkSystem(systems, sink);
      return reply.code(check.status === "failed" ? 503 : 200).send(check);
    },
  );
}

function probeRoute(app: ZodApp, systems: CheckedSystems, stopping: AbortSignal): void {
  app.post(
    "/test_enhanced_logging",
    {
      config: { bodyOptional: true },
      schema: {
        summary:
          "Log a probe, follow it into every system that is on, and take it back where that can be done",
        tags,
        body: probeInputSchema.nullish(),
        response: { 200: probeReportSchema, 503: probeReportSchema },
      },
    },
    async ({ body }, reply) => {
      const report = await probeSystems(systems, body ?? {}, stopping);
      return reply.code(report.success ? 200 : 503).send(report);
    },
  );
}

function cleanupRoute(app: ZodApp, { redis, sync }: CheckedSystems): void {
  app.post(
    "/cleanup_connections",
    {
      config: { bodyOptional: true },
      schema: {
        summary: "End the connections to Redis, RabbitMQ and Supabase, and make new ones",
        tags,
        response: { 200: cleanupSchema, 503: cleanupSchema },
      },
    },
    async (_request, reply) => {
      const [{ outcome, problem }, on] = await Promise.all([redis.renew(), sync.sinksOn()]);
      await sync.renew();
      const renewed = (sink: SinkName): Cleanup[SinkName] => (on.includes(sink) ? "renewed" : "off");
      const cleanup: Cleanup = {
        success: problem === null,
        redis: outcome,
        rabbitmq: renewed("rabbitmq"),
        supabase: renewed("supabase"),
        errors: problem === null ? [] : [`redis: ${problem}`],
      };
      return reply.code(cleanup.success ? 200 : 503).send(cleanup);
    },
  );
}
