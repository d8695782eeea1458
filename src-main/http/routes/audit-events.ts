import { z } from "zod";
import { quoteValue } from "../../../src-shared/query/edit.ts";
import type { MessageRecord } from "../../../src-shared/record.ts";
import { formatTime, requireTime } from "../../../src-shared/time.ts";
import type { HostContext, ZodApp } from "../host-context.ts";
import { pageQuery } from "./queries.ts";

/** What `POST /log` takes, as it is read back. */
const auditEventSchema = z.object({
  event_id: z.string().describe("The message_uuid of its record"),
  session_id: z.string().nullable(),
  event_type: z.string(),
  payload: z.record(z.string(), z.unknown()),
  timestamp: z.string(),
});

const text = z.string().min(1).max(4_096).optional();
const time = z.string().max(100).optional().describe("ISO 8601, with a zone or in UTC");
const selection = { session_id: text, start_time: time, end_time: time };
type Selection = { [K in keyof typeof selection]?: string | undefined };

const eventsQuery = pageQuery.extend({ event_type: text, ...selection });
const typesQuery = z.strictObject(selection);

/** The last moment that can be written. */
const LAST = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** The trail of audit events: the records of the channel `event` that have a type. */
export function auditEventRoutes(app: ZodApp, { handlers }: HostContext): void {
  const tags = ["Events"];

  app.get(
    "/events",
    {
      schema: {
        summary: "Events that were logged, newest first",
        tags,
        querystring: eventsQuery,
        response: {
          200: z.object({ events: z.array(auditEventSchema), next_cursor: z.string().nullable() }),
        },
      },
    },
    async ({ query: { event_type, limit, cursor, ...selected } }) => {
      const q = queryOf(selected, event_type);
      const { messages, next_cursor } = await handlers["messages.search"]({ q, limit, cursor });
      return { events: messages.map(toEvent), next_cursor };
    },
  );

  app.get(
    "/events/types",
    {
      schema: {
        summary: "How many events of each type there are, the most frequent first",
        tags,
        querystring: typesQuery,
        response: { 200: z.object({ types: z.array(z.object({ event_type: z.string(), count: z.int() })) }) },
      },
    },
    async ({ query }) => {
      const { types } = await handlers["messages.types"]({ q: queryOf(query) });
      return { types: types.map(({ message_type, count }) => ({ event_type: message_type, count })) };
    },
  );
}

/** In the query language, which every store answers. Both ends of the time belong to it. */
function queryOf({ session_id, start_time, end_time }: Selection, eventType?: string): string {
  const terms = ["channel:event", eventType === undefined ? "type:*" : `type:${quoteValue(eventType)}`];
  if (session_id !== undefined) terms.push(`session:${quoteValue(session_id)}`);
  if (start_time !== undefined) terms.push(`after:${formatTime(requireTime(start_time, "start_time"))}`);
  if (end_time !== undefined)
    terms.push(`before:${formatTime(Math.min(requireTime(end_time, "end_time") + 1, LAST))}`);
  return terms.join(" ");
}

function toEvent(record: MessageRecord): z.infer<typeof auditEventSchema> {
  return {
    event_id: record.message_uuid,
    session_id: record.session_id,
    event_type: record.message_type ?? "",
    payload: record.message_data,
    timestamp: record.origin_ts,
  };
}
