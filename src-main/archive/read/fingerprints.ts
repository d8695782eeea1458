import type { Output, ParsedInput } from "../../../src-shared/contract/index.ts";
import { type Fingerprint, MOST_SESSIONS_COUNTED } from "../../../src-shared/contract/statistics.ts";
import { foldCase } from "../../../src-shared/query/fold.ts";
import { DAY_MS, formatTime, HOUR_MS, SECOND_MS } from "../../../src-shared/time.ts";
import { bucketWidth, formatPeriod, type Period, periodBefore } from "../../ledger/reader/period.ts";
import type { ArchiveDatabase } from "./archive-database.ts";
import { bounds, WITHIN_TIME } from "./counts.ts";
import { byCount, ERROR_HEAD, type Reason, reasonsOf } from "./errors.ts";
import { millisecondsOf } from "./record-row.ts";
import { resolvePeriod } from "./statistics.ts";

const TREND_POINTS = 48;
/** Texts of the reasons shown whose course is read, the most frequent first. */
const MOST_TEXTS = 5_000;
/** Where a reason is at home shows in its newest messages. */
const LOOKED_AT = 8;

/**
 * Why messages of a period failed, the most frequent first. An archive keeps no list of reasons: they are made from the
 * messages of the period and of the one before, so what is older than both counts as not seen.
 */
export async function fingerprints(
  database: ArchiveDatabase,
  { text, limit, ...input }: ParsedInput<"stats.fingerprints">,
): Promise<Output<"stats.fingerprints">> {
  const period = await resolvePeriod(database, input);
  const [{ reasons, other }, before] = await Promise.all([
    reasonsOf(database, period),
    reasonsOf(database, periodBefore(period)),
  ]);
  const all = [...reasons.values()];
  const sought = foldCase(text.trim());
  const found = all
    .filter(({ template, sample }) => foldCase(`${template}\n${sample}`).includes(sought))
    .sort(byCount);
  const shown = found.slice(0, limit);
  const course = await courseOf(database, period, shown);
  return {
    ...formatPeriod(period),
    bucket_seconds: course.width / SECOND_MS,
    total: all.reduce((sum, { count }) => sum + count, 0) + other,
    other,
    found: found.length,
    fingerprints: shown.map((reason): Fingerprint => {
      const earlier = before.reasons.get(reason.id);
      const { trend, sessions, newest } = course.of(reason.id);
      return {
        id: reason.id,
        template: reason.template,
        sample: reason.sample,
        count: reason.count,
        previous_count: earlier?.count ?? 0,
        first_seen_ts: formatTime(earlier?.first ?? reason.first),
        last_seen_ts: formatTime(reason.last),
        trend,
        sessions: Math.min(sessions.size, MOST_SESSIONS_COUNTED),
        channels: channelsOf(newest),
        is_new: earlier === undefined,
      };
    }),
  };
}

type Course = { trend: number[]; sessions: Set<string>; newest: { ts: number; channel: string }[] };
type CourseRow = {
  text: string;
  point: number;
  count: number;
  /** Of the newest messages of a point, each with its time. */
  channels: string[];
  times: number[];
  sessions: string[] | null;
};

/** How each reason went on in a period, and what it touched. */
async function courseOf(database: ArchiveDatabase, period: Period, reasons: readonly Reason[]) {
  const width = trendWidth(period);
  const points = Math.ceil((period.to - period.from) / width);
  const ids = new Map(reasons.flatMap(({ id, texts }) => texts.map((text) => [text, id] as const)));
  const rows = await database.rows<CourseRow>(
    `SELECT ${ERROR_HEAD} AS text, floor((${millisecondsOf("m.origin_ts")} - $3::float8) / $4::float8)::float8 AS point,
       count(*)::float8 AS count,
       (array_agg(m.channel ORDER BY m.origin_ts DESC))[1:${LOOKED_AT}] AS channels,
       (array_agg(${millisecondsOf("m.origin_ts")} ORDER BY m.origin_ts DESC))[1:${LOOKED_AT}] AS times,
       (array_agg(DISTINCT m.session_id) FILTER (WHERE m.session_id IS NOT NULL))[1:${MOST_SESSIONS_COUNTED}] AS sessions
     FROM message_logs AS m WHERE ${WITHIN_TIME} AND ${ERROR_HEAD} = ANY($5::text[]) GROUP BY 1, 2`,
    [...bounds(period), period.from, width, [...ids.keys()].slice(0, MOST_TEXTS)],
  );
  const courses = new Map<number, Course>();
  const courseFor = (id: number): Course => {
    const known = courses.get(id);
    if (known !== undefined) return known;
    const begun: Course = {
      trend: new Array<number>(points).fill(0),
      sessions: new Set(),
      newest: [],
    };
    courses.set(id, begun);
    return begun;
  };
  for (const { text, point, count, channels, times, sessions } of rows) {
    const course = courseFor(ids.get(text) ?? 0);
    course.trend[point] = (course.trend[point] ?? 0) + count;
    for (const [index, channel] of channels.entries()) course.newest.push({ ts: times[index] ?? 0, channel });
    for (const session of sessions ?? []) course.sessions.add(session);
  }
  return { width, of: courseFor };
}

function channelsOf(newest: Course["newest"]): string[] {
  const looked = newest.sort((a, b) => b.ts - a.ts).slice(0, LOOKED_AT);
  return [...new Set(looked.map(({ channel }) => channel))].sort();
}

/** Whole hours, or days where they are many. */
function trendWidth(period: Period): number {
  const least = period.to - period.from > 8 * DAY_MS ? DAY_MS : HOUR_MS;
  return bucketWidth(period, TREND_POINTS, least);
}
