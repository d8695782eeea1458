import { z } from "zod";
import { messageRecordSchema } from "../record.ts";
import { deadProcedures } from "./dead.ts";
import { register } from "./define.ts";
import { messageProcedures } from "./messages.ts";
import { sessionProcedures } from "./sessions.ts";
import { statisticsProcedures } from "./statistics.ts";
import { syncProcedures, syncStatusSchema } from "./sync.ts";
import { healthSchema, jobSchema, settingsSchema, upkeepProcedures } from "./upkeep.ts";
import { viewProcedures } from "./views.ts";

/**
 * Everything the UI may ask of the core, once: the renderer's client, the HTTP layer
 * (`POST /api/<name>`) and the desktop's IPC are typed from this table.
 */
export const PROCEDURES = register(
  messageProcedures,
  sessionProcedures,
  statisticsProcedures,
  upkeepProcedures,
  viewProcedures,
  syncProcedures,
  deadProcedures,
);

export type ProcedureName = keyof typeof PROCEDURES;
/** What a caller writes: defaults may be left out. */
export type Input<N extends ProcedureName> = z.input<(typeof PROCEDURES)[N]["input"]>;
/** What a handler gets: defaults are filled in. */
export type ParsedInput<N extends ProcedureName> = z.output<(typeof PROCEDURES)[N]["input"]>;
export type Output<N extends ProcedureName> = z.output<(typeof PROCEDURES)[N]["output"]>;

/** Everything the core tells unasked; over `GET /api/events` as `{event, data}`. */
export const EVENTS = register(
  {
    /** A record or a change of one, once accepted; `change_id` rises and is null while it waits in the spool. */
    "message.changed": z.object({ change_id: z.int().nullable(), message: messageRecordSchema }),
    /** Only to whoever asked for changes of messages: what is accepted from now on is told. */
    "tail.opened": z.object({}),
  },
  {
    "health.changed": z.object({ status: healthSchema.shape.status, message: z.string() }),
    "job.changed": jobSchema,
    "settings.changed": settingsSchema,
    /** At most once a second. */
    "sync.changed": syncStatusSchema,
  },
);

export type EventName = keyof typeof EVENTS;
export type EventData<N extends EventName> = z.output<(typeof EVENTS)[N]>;
export type EventEnvelope = { [N in EventName]: { event: N; data: EventData<N> } }[EventName];
