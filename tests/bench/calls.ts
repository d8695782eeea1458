import type { Input, ProcedureName } from "../../src-shared/contract/index.ts";
import type { Host } from "./host.ts";
import { type Spread, spreadOf } from "./percentiles.ts";

/** A call to measure; each round may ask for something else of the same kind. */
export type Call = { label: string; name: ProcedureName; input: (round: number) => unknown };

export type Timed = { label: string; spread: Spread };

/** A slow call is asked no more once it took so long in all. */
export const MOST_MS_IN_ALL = 5_000;

export function call<N extends ProcedureName>(
  label: string,
  name: N,
  input: Input<N> | ((round: number) => Input<N>),
): Call {
  return { label, name, input: typeof input === "function" ? input : () => input };
}

/**
 * Asks all calls in turns, round after round, so that none is measured in its own wake. A record is logged before each
 * round: an answer that was kept from the last one would be out of date. The first round is not counted, unless it was
 * so slow that it is the only one.
 */
export async function timeCalls(host: Host, calls: readonly Call[], rounds: number): Promise<Timed[]> {
  const took = calls.map((): number[] => []);
  const spentMs = calls.map(() => 0);
  for (let round = 0; round <= rounds; round += 1) {
    await host.call("messages.log", { records: [{ channel: "email", status: "sent", topic: "bench" }] });
    for (const [index, { name, input }] of calls.entries()) {
      const spent = spentMs[index] ?? 0;
      if (spent > MOST_MS_IN_ALL) continue;
      const { ms } = await host.call(name, input(round) as never);
      spentMs[index] = spent + ms;
      if (round > 0 || ms > MOST_MS_IN_ALL) took[index]?.push(ms);
    }
  }
  return calls.map(({ label }, index) => ({ label, spread: spreadOf(took[index] ?? []) }));
}

export function slowest(timed: readonly Timed[]): Timed {
  return timed.reduce((worst, each) => (each.spread.p95 > worst.spread.p95 ? each : worst));
}
