import { PROCEDURES, type ProcedureName } from "../../src-shared/contract/index.ts";
import { DAY_MS, formatTime } from "../../src-shared/time.ts";
import { type Call, call } from "./calls.ts";
import { type Shape, sessionOf, sessionsIn } from "./data/records.ts";

type PeriodInput = { days?: number; from?: string; to?: string };

const LONGEST_DAYS = 36_500;
/** As pages of the UI ask: a page of the list, of the command palette, of the recipients. */
const SESSIONS_PAGE = 100;
const PALETTE_PAGE = 5;
const RECIPIENTS_PAGE = 200;
const BUCKETS = 80;

function periods({ untilMs }: Shape): [string, PeriodInput][] {
  const custom = {
    from: formatTime(untilMs - 44.3 * DAY_MS),
    to: formatTime(untilMs - 9.6 * DAY_MS),
  };
  const days = [1, 7, 30, 90, 365].map((count): [string, PeriodInput] => [
    count === 1 ? "1 day" : `${count} days`,
    { days: count },
  ]);
  return [...days, ["all", {}], ["34 days before", custom]];
}

/** Every `stats.*` of the contract, also those to come, for every period that it takes. */
export function statisticsCalls(shape: Shape): Call[] {
  const names = Object.keys(PROCEDURES).filter((name) => name.startsWith("stats.")) as ProcedureName[];
  return [...names.flatMap((name) => periodCalls(name, shape)), ...sessionCalls(shape)];
}

function periodCalls(name: ProcedureName, shape: Shape): Call[] {
  return periods(shape).flatMap(([label, period]): Call[] => {
    const parsed = PROCEDURES[name].input.safeParse(period);
    if (!parsed.success) return [];
    const taken = parsed.data as PeriodInput;
    if (period.from !== undefined && taken.from === undefined) return [];
    // Left out, it is not all there is but a default.
    const isDefaulted = period.days === undefined && typeof taken.days === "number";
    return [
      { label: `${name}, ${label}`, name, input: () => (isDefaulted ? { days: LONGEST_DAYS } : period) },
    ];
  });
}

/** The `stats.*` that take no period alone: they need a call of their own here. */
export function unmeasured(shape: Shape): string[] {
  return Object.keys(PROCEDURES).filter(
    (name) => name.startsWith("stats.") && periodCalls(name as ProcedureName, shape).length === 0,
  );
}

function sessionCalls(shape: Shape): Call[] {
  const sessions = sessionsIn(shape);
  const some = (round: number): string => sessionOf((round * 7_919) % sessions);
  return [
    call("sessions.list, first page", "sessions.list", { limit: SESSIONS_PAGE }),
    call("sessions.list, last 7 days", "sessions.list", { limit: SESSIONS_PAGE, days: 7 }),
    call("sessions.list, by text", "sessions.list", (round) => ({ limit: PALETTE_PAGE, text: some(round) })),
    call("sessions.get", "sessions.get", (round) => ({ session_id: some(round) })),
    call("sessions.undelivered", "sessions.undelivered", (round) => ({
      session_id: some(round),
      limit: RECIPIENTS_PAGE,
    })),
  ];
}

/** What the pages Messages, Health and Settings count. */
export function countCalls(): Call[] {
  const queries: [string, string][] = [
    ["all", ""],
    ["1 day", "after:1d"],
    ["7 days", "after:7d"],
    ["30 days", "after:30d"],
    ["older than 45 days", "before:45d"],
  ];
  return [
    ...queries.map(([label, q]) =>
      call(`messages.histogram, ${label}`, "messages.histogram", { q, buckets: BUCKETS }),
    ),
    ...queries.map(([label, q]) => call(`messages.count, ${label}`, "messages.count", { q })),
    call("messages.vocabulary", "messages.vocabulary", {}),
    call("health.get", "health.get", {}),
  ];
}
