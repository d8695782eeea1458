import { SECOND_MS } from "../../src-shared/time.ts";

/** More comes in than can go out: it is let in first, and sent once it is over. */
const FLOOD_PER_SECOND = 8_000;
/** The rate is that of so long, and of half of it at least. */
const SPAN_MS = 400;

/** Whether more is being logged than a sink can keep up with, so that sending would only slow the logging. */
export class FloodWatch {
  #samples: { at: number; last: number }[] = [];

  /** The last position that was given, as of now. */
  note(last: number, at: number): void {
    this.#samples.push({ at, last });
    while ((this.#samples[1]?.at ?? at) <= at - SPAN_MS) this.#samples.shift();
  }

  isFlood(): boolean {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined) return false;
    const ms = Math.max(last.at - first.at, SPAN_MS / 2);
    return ((last.last - first.last) / ms) * SECOND_MS > FLOOD_PER_SECOND;
  }

  /** Positions of another file begin anew. */
  reset(): void {
    this.#samples = [];
  }
}
