import type { Random } from "../seed.ts";
import type { WriterKind, WriterOptions } from "../writers.ts";
import { BROKER_FAULTS } from "./broker-faults.ts";
import { hostFaults } from "./host-faults.ts";
import { type Fault, type MakeFault, networkFaults } from "./network-faults.ts";
import { SUPABASE_FAULTS } from "./supabase-faults.ts";

/** How many faults a lane may have: the broker and Supabase more than the host. */
const SINK_COUNTS = [0, 1, 1, 2] as const;
const HOST_COUNTS = [0, 0, 1] as const;
const LATEST_MS = 1_500;

/** A fault, and how long after the one before it. */
export type Planned = Fault & { afterMs: number };

/** The faults of a round: those of one lane one after the other, the lanes beside each other; one at least. */
export function drawFaults(
  random: Random,
  kinds: readonly WriterKind[],
  options: WriterOptions,
): (readonly Planned[])[] {
  const lane = (makers: readonly (readonly MakeFault[])[], count: number): Planned[] =>
    Array.from({ length: count }, () => ({
      ...random.pick(random.pick(makers))(random),
      afterMs: random.int(0, LATEST_MS),
    }));
  const broker = [BROKER_FAULTS, networkFaults("RabbitMQ", (stage) => stage.broker)];
  const supabase = [SUPABASE_FAULTS, networkFaults("Supabase", (stage) => stage.supabase)];
  const lanes = [
    lane(broker, random.pick(SINK_COUNTS)),
    lane(supabase, random.pick(SINK_COUNTS)),
    lane([hostFaults(kinds, options)], random.pick(HOST_COUNTS)),
  ];
  return lanes.some(({ length }) => length > 0) ? lanes : [lane(broker, 1), lane(supabase, 1)];
}
