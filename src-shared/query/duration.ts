import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../time.ts";

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: SECOND_MS,
  m: MINUTE_MS,
  h: HOUR_MS,
  d: DAY_MS,
};
const DURATION = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/i;
const AMOUNTS = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/gi;

/** Milliseconds of a text such as `7d`, `1.5s` or `1h30m`; undefined where it is none. */
export function parseDuration(text: string): number | undefined {
  if (!DURATION.test(text)) return undefined;
  let ms = 0;
  for (const [, amount, unit = ""] of text.matchAll(AMOUNTS)) {
    ms += Number(amount) * (UNITS[unit.toLowerCase()] ?? 0);
  }
  return ms <= Number.MAX_SAFE_INTEGER ? ms : undefined;
}
