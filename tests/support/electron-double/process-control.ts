// What the tests can do to the app's process itself: its clock and its threads. To be loaded before the app.
import { syncBuiltinESMExports } from "node:module";
import threads, { type Worker, type WorkerOptions } from "node:worker_threads";

type Interval = { run: () => void; ms: number };

const CLOCK = "electron-double-clock";

const workers = new Map<string, Worker>();
const intervals = new Set<Interval>();

/** Lets the clock of all threads be `ms` later. */
export function passTime(ms: number): void {
  const clock = sharedClock();
  clock[0] = (clock[0] ?? 0) + ms;
}

/** Does at once what the app does every `ms`. */
export function comeRound(ms: number): void {
  for (const interval of [...intervals]) if (interval.ms === ms) interval.run();
}

/** Ends a thread at once, as a crash of its own does; gives whether there was one. */
export async function crashThread(name: string): Promise<boolean> {
  const worker = workers.get(name);
  await worker?.terminate();
  return worker !== undefined;
}

/** To be called in every thread. */
export function controlClock(): void {
  if (threads.isMainThread) {
    threads.setEnvironmentData(
      CLOCK,
      new Float64Array(new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT)),
    );
  }
  const clock = sharedClock();
  const { now } = Date;
  Date.now = () => now() + (clock[0] ?? 0);
}

/** By how many milliseconds it is ahead. */
function sharedClock(): Float64Array {
  return threads.getEnvironmentData(CLOCK) as unknown as Float64Array;
}

export function controlIntervals(): void {
  const { setInterval: begin, clearInterval: end } = globalThis;
  const known = new WeakMap<object, Interval>();
  globalThis.setInterval = ((run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) => {
    const timer = begin(run, ms, ...args);
    const interval = { run: () => run(...args), ms };
    intervals.add(interval);
    known.set(timer, interval);
    return timer;
  }) as typeof setInterval;
  globalThis.clearInterval = (timer) => {
    const interval = typeof timer === "object" ? known.get(timer) : undefined;
    if (interval !== undefined) intervals.delete(interval);
    end(timer);
  };
}

export function controlThreads(): void {
  threads.Worker = class extends threads.Worker {
    constructor(file: string | URL, options: WorkerOptions = {}) {
      super(file, options);
      if (options.name !== undefined) workers.set(options.name, this);
    }
  };
  syncBuiltinESMExports();
}
