import type { Bench } from "../bench.ts";
import { type Call, call, MOST_MS_IN_ALL, slowest, type Timed, timeCalls } from "../calls.ts";
import type { Shape } from "../data/records.ts";
import { FILTERS, type Filter, isSample, sampleFor, TEXTS } from "../filters.ts";
import type { Host } from "../host.ts";
import { formatCount, formatMs, type Line } from "../line.ts";
import { spreadOf } from "../percentiles.ts";

const ROUNDS = 20;
const PAGE = 100;
const LAST_PAGE = 5;
const MOST_MS = 50;
const MOST_TEXT_MS = 100;
const BUCKETS = 80;
const COUNT_ROUNDS = 3;
/** Many of them read every record: of ten million each takes seconds, and all of them the better part of an hour. */
const COUNTED_EVERY = 5;
const NEXT_ROUNDS = 5;

/** First and next pages of every filter, the way the API and the UI's table ask for them. */
export async function pages(bench: Bench): Promise<Line[]> {
  const { dataDir, shape } = await bench.big();
  const size = `at ${formatCount(shape.records)} records`;
  return bench.withHost(dataDir, "pages", async (host) => {
    const first = (filters: readonly Filter[]) => timeCalls(host, firstPages(shape, filters), ROUNDS);
    const all = [...FILTERS, ...TEXTS];
    const counted = all.filter((_, index) => index % COUNTED_EVERY === 0);
    // What a call costs that reads nothing.
    const idle = await timeCalls(host, [call("settings.get", "settings.get", {})], ROUNDS);
    const toLine = (name: string, timed: readonly Timed[], mostMs: number | null): Line =>
      describePages(name, timed, mostMs, slowest(idle).spread.p95);
    return [
      toLine(`first page of any filter ${size}`, await first(FILTERS), MOST_MS),
      toLine(`first page of any text search ${size}`, await first(TEXTS), MOST_TEXT_MS),
      toLine(`next pages of any filter ${size}`, await timeNextPages(host, shape, FILTERS), MOST_MS),
      toLine(`next pages of any text search ${size}`, await timeNextPages(host, shape, TEXTS), MOST_TEXT_MS),
      toLine(
        `the table's first page ${size}`,
        await timeCalls(host, tablePages(shape, all), ROUNDS),
        MOST_TEXT_MS,
      ),
      toLine(
        `count and histogram of every fifth filter ${size}`,
        await timeCalls(host, counts(shape, counted), COUNT_ROUNDS),
        null,
      ),
    ];
  });
}

function queryOf(shape: Shape, filter: Filter): (round: number) => string {
  return (round) => filter.q(sampleFor(shape, round, isSample));
}

function firstPages(shape: Shape, filters: readonly Filter[]): Call[] {
  return filters.map((filter) => {
    const q = queryOf(shape, filter);
    return call(filter.label, "messages.search", (round) => ({ q: q(round), limit: PAGE }));
  });
}

function tablePages(shape: Shape, filters: readonly Filter[]): Call[] {
  return filters.map((filter) => {
    const q = queryOf(shape, filter);
    return call(filter.label, "messages.window", (round) => ({ q: q(round), offset: 0, limit: PAGE }));
  });
}

function counts(shape: Shape, filters: readonly Filter[]): Call[] {
  return filters.flatMap((filter) => {
    const q = queryOf(shape, filter);
    return [
      call(`count of ${filter.label}`, "messages.count", (round) => ({ q: q(round) })),
      call(`histogram of ${filter.label}`, "messages.histogram", (round) => ({
        q: q(round),
        buckets: BUCKETS,
      })),
    ];
  });
}

/** The second to the fifth page by cursor, of those filters that have so many. */
async function timeNextPages(host: Host, shape: Shape, filters: readonly Filter[]): Promise<Timed[]> {
  const timed: Timed[] = [];
  for (const filter of filters) {
    const q = queryOf(shape, filter);
    const took: number[] = [];
    let spentMs = 0;
    for (let round = 1; round <= NEXT_ROUNDS && spentMs <= MOST_MS_IN_ALL; round += 1) {
      const input = { q: q(round), limit: PAGE };
      const first = await host.call("messages.search", input);
      let cursor = first.value.next_cursor;
      spentMs += first.ms;
      for (let page = 2; page <= LAST_PAGE && cursor !== null; page += 1) {
        const { value, ms } = await host.call("messages.search", { ...input, cursor });
        took.push(ms);
        spentMs += ms;
        cursor = value.next_cursor;
      }
    }
    if (took.length > 0) timed.push({ label: filter.label, spread: spreadOf(took) });
  }
  return timed;
}

/** The promise holds for each filter, so the slowest one is the figure. */
function describePages(name: string, timed: readonly Timed[], mostMs: number | null, idleMs: number): Line {
  const worst = slowest(timed);
  const middle = spreadOf(timed.map(({ spread }) => spread.p95));
  return {
    name,
    figure: `p95 ${formatMs(worst.spread.p95)} at worst`,
    target: mostMs === null ? "" : `p95 under ${mostMs} ms`,
    limit: `p95 ${formatMs(idleMs)} a call that reads nothing`,
    ratio: worst.spread.p95 / idleMs,
    reached: mostMs === null ? null : worst.spread.p95 < mostMs,
    notes: [
      `The slowest of ${timed.length} is ${worst.label}; the p95 of one in the middle is ${formatMs(middle.p50)}.`,
      ...(mostMs === null ? [] : describeSlow(timed, mostMs)),
    ],
    table: {
      title: name,
      head: ["filter", "p50", "p95"],
      rows: [...timed]
        .sort((a, b) => b.spread.p95 - a.spread.p95)
        .map(({ label, spread }) => [label, formatMs(spread.p50), formatMs(spread.p95)]),
    },
  };
}

function describeSlow(timed: readonly Timed[], mostMs: number): string[] {
  const slow = timed.filter(({ spread }) => spread.p95 >= mostMs);
  return slow.length === 0 ? [] : [`Too slow: ${slow.map(({ label }) => label).join(", ")}.`];
}
