import { DAY_MS } from "../../src-shared/time.ts";

/** Runs at that hour of each day, by the local clock. Gives the function that ends it. */
export function daily(hour: number, run: () => Promise<void>): () => void {
  let timer: NodeJS.Timeout;
  const schedule = (): void => {
    timer = setTimeout(
      () => {
        schedule();
        void run();
      },
      untilHour(hour, new Date()),
    ).unref();
  };
  schedule();
  return () => clearTimeout(timer);
}

/** Milliseconds until the clock next shows that hour. */
export function untilHour(hour: number, now: Date): number {
  const next = new Date(now);
  next.setHours(hour, 0, 0, 0);
  if (next.getTime() <= now.getTime()) next.setDate(next.getDate() + 1);
  return Math.min(DAY_MS * 2, next.getTime() - now.getTime());
}
