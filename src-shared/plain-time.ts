const DAYS_BEFORE_MONTH = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365];
const DAYS_BEFORE_1970 = daysBeforeYear(1970);

/**
 * Milliseconds since 1970 of the two forms that programs write, `2026-01-31T09:30:00.000Z` and the same without
 * milliseconds, in a tenth of the time that a pattern takes. Undefined for any other text: it may be a time as well.
 */
export function parsePlainTime(text: string): number | undefined {
  const hasMs = text.length === 24;
  if (!hasMs && text.length !== 20) return undefined;
  if (
    text.charCodeAt(4) !== 45 ||
    text.charCodeAt(7) !== 45 ||
    text.charCodeAt(10) !== 84 ||
    text.charCodeAt(13) !== 58 ||
    text.charCodeAt(16) !== 58 ||
    text.charCodeAt(text.length - 1) !== 90 ||
    (hasMs && text.charCodeAt(19) !== 46)
  ) {
    return undefined;
  }
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  const hour = twoDigits(text, 11);
  const minute = twoDigits(text, 14);
  const second = twoDigits(text, 17);
  const ms = hasMs ? twoDigits(text, 20) * 10 + digit(text, 22) : 0;
  // What is no digit makes a NaN, which no comparison lets through.
  const isTime =
    year >= 0 &&
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    hour <= 23 &&
    minute <= 59 &&
    second <= 59 &&
    ms >= 0;
  if (!isTime) return undefined;
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const before = DAYS_BEFORE_MONTH[month - 1] ?? 0;
  const daysInMonth = (DAYS_BEFORE_MONTH[month] ?? 0) - before + (isLeap && month === 2 ? 1 : 0);
  if (day > daysInMonth) return undefined;
  const days = daysBeforeYear(year) - DAYS_BEFORE_1970 + before + (isLeap && month > 2 ? 1 : 0) + day - 1;
  return (((days * 24 + hour) * 60 + minute) * 60 + second) * 1_000 + ms;
}

/** Since the year 1, by the Gregorian calendar: before it, below 0. */
function daysBeforeYear(year: number): number {
  const years = year - 1;
  return years * 365 + Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400);
}

function twoDigits(text: string, at: number): number {
  return digit(text, at) * 10 + digit(text, at + 1);
}

function digit(text: string, at: number): number {
  const value = text.charCodeAt(at) - 48;
  return value >= 0 && value <= 9 ? value : Number.NaN;
}
