import { chatResultSchema, chatTurnSchema } from "../../../src-shared/contract/chat.ts";
import type { HostContext, ZodApp } from "../host-context.ts";

/** `POST /chat`: one turn, into the ledger and from there to all that is on. */
export function chatRoute(app: ZodApp, { chat }: HostContext): void {
  app.post(
    "/chat",
    {
      schema: {
        summary: "Log one turn of a chat, and keep it as context in Redis",
        tags: ["Chat"],
        body: chatTurnSchema,
        response: { 202: chatResultSchema },
      },
    },
    async ({ body }, reply) => reply.code(202).send(await chat.log(body)),
  );
}
