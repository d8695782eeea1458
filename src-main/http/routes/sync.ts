import { queuesSchema, syncStatusSchema } from "../../../src-shared/contract/sync.ts";
import type { HostContext, ZodApp } from "../host-context.ts";

export function syncRoutes(app: ZodApp, { handlers }: HostContext): void {
  const tags = ["Forwarding"];
  app.get(
    "/sync",
    {
      schema: {
        summary: "How forwarding to each sink stands",
        tags,
        response: { 200: syncStatusSchema },
      },
    },
    () => handlers["sync.status"]({}),
  );
  app.get(
    "/queue/status",
    {
      schema: {
        summary: "What waits in RabbitMQ's queues, and who takes it out",
        tags,
        response: { 200: queuesSchema },
      },
    },
    async () => (await handlers["sync.status"]({})).queues,
  );
}
