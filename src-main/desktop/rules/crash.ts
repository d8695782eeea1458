import { MINUTE_MS } from "../../../src-shared/time.ts";

const TOO_OFTEN = 3;

/** Says whether a window that crashed is to be reloaded: not one that goes on crashing. */
export class CrashWatch {
  #times: number[] = [];

  /** `now` in milliseconds. False once it crashed three times within a minute. */
  mayReload(now: number): boolean {
    this.#times = [...this.#times.filter((time) => now - time < MINUTE_MS), now];
    return this.#times.length < TOO_OFTEN;
  }
}
