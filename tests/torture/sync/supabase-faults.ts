import { setTimeout as pause } from "node:timers/promises";
import { readWaybillSql } from "../../support/postgres.ts";
import type { Fault as ApiFault } from "../../support/postgrest/server.ts";
import type { Fault, MakeFault } from "./network-faults.ts";
import { byHarness, type Stage } from "./stage.ts";

const KIB = 1_024;
/** Above the largest record of a round, so that none is refused for good. */
const LEAST_BODY = 16 * KIB;

const ILLS = [
  { status: 500, code: "53100", message: "could not extend file: No space left on device" },
  { status: 500, code: "57014", message: "canceling statement due to statement timeout" },
  { status: 503, code: "53300", message: "remaining connection slots are reserved" },
] as const;

/** What goes wrong at Supabase itself, behind a network that works. */
export const SUPABASE_FAULTS: readonly MakeFault[] = [
  (random) => answers(random.pick([500, 502, 503, 504]), random.int(200, 2_500)),
  (random) => answers(429, random.int(200, 2_000), { "retry-after": String(random.int(1, 3)) }),
  (random) => forbidden(random.int(200, 2_000)),
  (random) => unwell(random.pick(ILLS), random.int(200, 2_000)),
  (random) => outage("drops answers", { dropsAnswer: true }, random.int(100, 1_500)),
  (random) => outage("answers late", { delaysAnswerMs: random.int(100, 2_000) }, random.int(300, 2_000)),
  (random) => small(random.int(LEAST_BODY, 4 * LEAST_BODY), random.int(500, 3_000)),
  (random) => poison(random.int(3, 120), random.int(500, 2_500)),
  (random) => dropped(random.int(300, 2_500), random.chance(0.5)),
  (random) => locked(random.int(300, 3_000)),
  (random) => disconnected(random.int(1, 5), random.int(50, 400)),
];

function outage(name: string, fault: ApiFault, ms: number): Fault {
  return {
    name: `Supabase ${name} ${ms} ms`,
    run: async ({ project }) => {
      project.api.setOutage(fault);
      await pause(ms);
      project.api.setOutage(null);
    },
  };
}

function answers(status: number, ms: number, headers: Record<string, string> = {}): Fault {
  return outage(`answers ${status}`, { answer: { status, headers } }, ms);
}

/** A key that does not hold for a moment: Waybill waits for an operator. */
function forbidden(ms: number): Fault {
  const { name, run } = answers(401, ms);
  return {
    name,
    run: (stage) => {
      stage.needsRetry = true;
      return run(stage);
    },
  };
}

/** PostgreSQL's own trouble, as PostgREST tells of it. */
function unwell({ status, code, message }: (typeof ILLS)[number], ms: number): Fault {
  const body = { code, details: null, hint: null, message };
  return outage(`says "${message}"`, { answer: { status, body } }, ms);
}

function small(bytes: number, ms: number): Fault {
  return {
    name: `Supabase takes ${Math.round(bytes / KIB)} KiB at once ${ms} ms`,
    run: async ({ project }) => {
      project.api.setBodyLimit(bytes);
      await pause(ms);
      project.api.setBodyLimit(Number.POSITIVE_INFINITY);
    },
  };
}

/** Of so many records of a stream one is not taken. */
function poison(every: number, ms: number): Fault {
  const condition = `coalesce((message_data ->> 'number')::int % ${every} <> ${every - 1}, true)`;
  return {
    name: `Supabase refuses one record in ${every} ${ms} ms`,
    run: async (stage) => {
      stage.needsRetry = true;
      stage.hasParked = true;
      await own(
        stage,
        `ALTER TABLE public.message_logs ADD CONSTRAINT poison CHECK (${condition}) NOT VALID`,
      );
      await pause(ms);
      await own(stage, "ALTER TABLE public.message_logs DROP CONSTRAINT poison");
    },
  };
}

/** Somebody drops the tables, and makes them anew as he was told. */
function dropped(ms: number, isNoticed: boolean): Fault {
  return {
    name: `Supabase without its tables ${ms} ms`,
    run: async (stage) => {
      stage.needsRetry = true;
      stage.needsReconcile = true;
      await own(stage, "DROP TABLE public.message_logs, public.sessions CASCADE");
      if (isNoticed) await stage.project.api.reload();
      await pause(ms);
      await own(stage, readWaybillSql());
    },
  };
}

/** As by a long change of the table. */
function locked(ms: number): Fault {
  return {
    name: `Supabase's table locked ${ms} ms`,
    run: async (stage) => {
      await own(stage, "BEGIN; LOCK TABLE public.message_logs IN ACCESS EXCLUSIVE MODE");
      await pause(ms);
      await own(stage, "ROLLBACK");
    },
  };
}

/** As by a restart of the database, behind an API that goes on. */
function disconnected(times: number, everyMs: number): Fault {
  return {
    name: `Supabase's database disconnected ${times} times`,
    run: async (stage) => {
      for (let time = 0; time < times; time += 1) {
        await own(
          stage,
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE usename = 'authenticator' AND datname = current_database()`,
        );
        await pause(everyMs);
      }
    },
  };
}

/** As the owner of the database. */
async function own({ project }: Stage, sql: string): Promise<void> {
  await byHarness(project.query(sql), sql.slice(0, 60));
}
