import type { Bench } from "../bench.ts";
import { formatMs, type Line } from "../line.ts";

const MOST_MS = 50;

/** Over all that the hosts of this run did, but for their start. */
export function eventLoop({ stalls }: Bench): Line[] {
  if (stalls.length === 0) return [];
  const worst = stalls.reduce((longest, stall) => (stall.maxMs > longest.maxMs ? stall : longest));
  const name = "longest stall of the host's event loop";
  return [
    {
      name,
      figure: formatMs(worst.maxMs),
      target: `under ${MOST_MS} ms`,
      limit: null,
      ratio: null,
      reached: worst.maxMs < MOST_MS,
      notes: [`In: ${worst.phase}. Measured by its own timer of 1 ms.`],
      table: {
        title: name,
        head: ["phase", "longest", "p99.9"],
        rows: stalls.map(({ phase, maxMs, p999Ms }) => [phase, formatMs(maxMs), formatMs(p999Ms)]),
      },
    },
  ];
}
