const thisYear = new Intl.DateTimeFormat("en-GB", {
  day: "2-digit",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});
const otherYear = new Intl.DateTimeFormat("en-GB", {
  day: "2-digit",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
});

/** Local time as short as it can be without doubt: seconds this year, the year before. */
export function formatRowTime(ts: string, now: Date = new Date()): string {
  const date = new Date(ts);
  const format = date.getFullYear() === now.getFullYear() ? thisYear : otherYear;
  return format.format(date).replaceAll(",", "");
}
