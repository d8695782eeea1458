import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { CHECK_STATES, type Health, healthSchema } from "../../../src-shared/contract/upkeep.ts";
import { suffices } from "../../api/scopes.ts";
import type { HostContext, ZodApp } from "../host-context.ts";

/** What anyone may see: no paths, no sizes, no counts. */
const publicHealthSchema = healthSchema
  .pick({ status: true })
  .extend({ checks: z.record(z.string(), z.object({ state: z.enum(CHECK_STATES) })) });

/** A monitor that looks at nothing but the status code must hear when records can't be kept or can't be read. */
export function isServing(health: Health): boolean {
  return health.status !== "failing" && health.database.available;
}

export function healthRoute(app: ZodApp, { handlers }: HostContext): void {
  app.get(
    "/health",
    {
      config: { open: true },
      schema: {
        summary: "How Waybill is; details only with the token or a key that may read",
        tags: ["Health"],
        security: [],
        response: {
          200: z.union([healthSchema, publicHealthSchema]),
          503: z.union([healthSchema, publicHealthSchema]),
        },
      },
    },
    async (request, reply) => {
      const health = await handlers["health.get"]({});
      reply.code(isServing(health) ? 200 : 503).header("vary", "authorization, x-api-key, cookie");
      return reply.send(mayRead(request) ? health : withoutDetails(health));
    },
  );
}

function mayRead({ scopes }: FastifyRequest): boolean {
  return scopes !== null && suffices(scopes, "read");
}

function withoutDetails({ status, checks }: Health): z.infer<typeof publicHealthSchema> {
  const states = Object.entries(checks).map(([name, { state }]) => [name, { state }] as const);
  return { status, checks: Object.fromEntries(states) };
}
