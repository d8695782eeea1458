import type { Outage } from "./calendar.ts";
import type { DemoMessage } from "./compose.ts";
import type { Person } from "./people.ts";
import { createRandom, type Random } from "./random.ts";

/** What all parts of the sample have in common; `now` is where it ends. */
export type World = { random: Random; people: readonly Person[]; outage: Outage; now: number };

/** A message that is made when its turn to be logged comes: all of them at once would fill the memory. */
export type PlannedMessage = { origin: number; compose: () => DemoMessage };

/** Plans a message with random numbers of its own, so that it is the same whenever it is made. */
export function planMessage(
  { random }: World,
  origin: number,
  compose: (random: Random) => DemoMessage,
): PlannedMessage {
  const seed = random.integer(0, 0x7fff_ffff);
  return { origin, compose: () => compose(createRandom(seed)) };
}
