import { z } from "zod";
import { auditEventRecord } from "../../../src-shared/bodies/audit-event.ts";
import { WaybillError } from "../../../src-shared/errors.ts";
import { formatTime, parseTime } from "../../../src-shared/time.ts";
import type { HostContext, ZodApp } from "../host-context.ts";

const idText = z
  .union([z.string().min(1).max(4_096), z.number()], { error: "is needed: a text or a number" })
  .transform((value) => String(value));

const eventBody = z.strictObject({
  session_id: idText,
  event_type: z.string().min(1).max(4_096),
  payload: z.unknown().optional(),
  /** ISO 8601, or seconds or milliseconds since 1970; now where left out. */
  timestamp: z.union([z.string(), z.number()]).nullish(),
});

const eventReply = z.object({ status: z.literal("accepted"), event_id: z.string(), timestamp: z.string() });

/** The plainest way in: one event of a session. */
export function logEventRoute(app: ZodApp, { ledger }: HostContext): void {
  app.post(
    "/log",
    {
      schema: {
        summary: "Log one event of a session; an unknown session is begun",
        tags: ["Messages"],
        body: eventBody,
        response: { 202: eventReply },
      },
    },
    async ({ body }, reply) => {
      const { session_id, event_type, payload, timestamp } = body;
      const origin = timestamp === undefined || timestamp === null ? Date.now() : parseTime(timestamp);
      if (origin === undefined) {
        throw new WaybillError("invalid", "timestamp: is not a time: write it like 2026-01-31T09:30:00.000Z");
      }
      const event = auditEventRecord({ session_id, event_type, payload, ts: origin });
      const { message_uuid, accepted } = ledger.logMessage(event);
      await accepted;
      return reply
        .code(202)
        .send({ status: "accepted", event_id: message_uuid, timestamp: formatTime(origin) });
    },
  );
}
