import type { DesktopSignal } from "../../src-shared/desktop-bridge.ts";

const MOST_WAITING = 50;

/** Keeps what is to be told to the page until it listens: a link may be what started the program. */
export class Signals {
  readonly #send: (signal: DesktopSignal) => void;
  #waiting: DesktopSignal[] = [];
  #heard = false;

  constructor(send: (signal: DesktopSignal) => void) {
    this.#send = send;
  }

  tell(signal: DesktopSignal): void {
    if (this.#heard) this.#send(signal);
    // A page that comes up asks for the state itself.
    else if (signal.kind !== "desktop-changed")
      this.#waiting = [...this.#waiting, signal].slice(-MOST_WAITING);
  }

  /** The page listens from now on. */
  heard(): void {
    this.#heard = true;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const signal of waiting) this.#send(signal);
  }

  /** The page went away, or is loaded anew. */
  unheard(): void {
    this.#heard = false;
  }
}
