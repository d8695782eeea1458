import type { Bench } from "../bench.ts";
import { type Call, slowest, type Timed, timeCalls } from "../calls.ts";
import type { Shape } from "../data/records.ts";
import { formatCount, formatMs, formatRatio, type Line, type Table } from "../line.ts";
import { countCalls, statisticsCalls, unmeasured } from "../statistics-calls.ts";

const ROUNDS = 20;
const MOST_MS = 10;
const MOST_RATIO = 1.5;

/** The same calls against the big ledger and one with a tenth of it. */
export async function statistics(bench: Bench): Promise<Line[]> {
  const big = await bench.big();
  const small = await bench.small();
  const measure = (callsFor: (shape: Shape) => Call[]) => async () => {
    const slow = await bench.withHost(big.dataDir, "statistics", (host) =>
      timeCalls(host, callsFor(big.shape), ROUNDS),
    );
    const quick = await bench.withHost(small.dataDir, "statistics of the small ledger", (host) =>
      timeCalls(host, callsFor(small.shape), ROUNDS),
    );
    return { slow, quick };
  };
  const size = `${formatCount(big.shape.records)} records`;
  const figures = await measure(statisticsCalls)();
  const counts = await measure(countCalls)();
  const left = unmeasured(big.shape);
  return [
    toLine(
      `statistics and sessions at ${size}`,
      figures,
      left.length > 0 ? [`Not measured: ${left.join(", ")}.`] : [],
    ),
    toLine(`counts and histograms of the pages at ${size}`, counts, []),
  ];
}

type Both = { slow: readonly Timed[]; quick: readonly Timed[] };

function toLine(name: string, { slow, quick }: Both, notes: readonly string[]): Line {
  const ratios = slow.map(({ spread }, index) => spread.p50 / (quick[index]?.spread.p50 ?? Number.NaN));
  const worst = slowest(slow);
  const worstRatio = Math.max(...ratios);
  return {
    name,
    figure: `p95 ${formatMs(worst.spread.p95)} at worst`,
    target: `under ${MOST_MS} ms, at most ${MOST_RATIO} times a tenth of the records`,
    limit: `${formatMs(slowest(quick).spread.p95)} with a tenth`,
    ratio: worstRatio,
    reached: worst.spread.p95 < MOST_MS && worstRatio <= MOST_RATIO,
    notes: [
      `The slowest is ${worst.label}; the ratio is the worst of the p50s, of ${slow[ratios.indexOf(worstRatio)]?.label}.`,
      ...notes,
    ],
    table: toTable(name, { slow, quick }, ratios),
  };
}

function toTable(name: string, { slow, quick }: Both, ratios: readonly number[]): Table {
  return {
    title: name,
    head: ["call", "p50", "p95", "p50 with a tenth", "ratio"],
    rows: slow.map(({ label, spread }, index) => [
      label,
      formatMs(spread.p50),
      formatMs(spread.p95),
      formatMs(quick[index]?.spread.p50 ?? Number.NaN),
      formatRatio(ratios[index] ?? Number.NaN),
    ]),
  };
}
