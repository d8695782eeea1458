const number = new Intl.NumberFormat("en-US");
const oneDigit = new Intl.NumberFormat("en-US", { maximumFractionDigits: 1 });
const percent = new Intl.NumberFormat("en-US", {
  style: "percent",
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
});
const dayMonth = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
const date = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "long",
  year: "numeric",
  timeZone: "UTC",
});
const dateTime = new Intl.DateTimeFormat("en-GB", {
  day: "2-digit",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  timeZone: "UTC",
});

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Control characters that HTML does not allow, and those that would turn the text's direction around. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is to be found
const UNSEEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Makes any text inert between tags and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text
    .toWellFormed()
    .replace(UNSEEN, "\ufffd")
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}

export const formatNumber = (value: number): string => number.format(value);
export const formatDay = (ms: number): string => dayMonth.format(ms);
export const formatDate = (ms: number): string => date.format(ms);
export const formatDateTime = (ms: number): string => `${dateTime.format(ms)} UTC`;

/** A share from 0 to 1. */
export function formatPercent(share: number | null): string {
  return share === null ? "–" : percent.format(share);
}

export function formatSeconds(seconds: number | null): string {
  if (seconds === null) return "–";
  if (seconds < 1) return `${Math.round(seconds * 1_000)} ms`;
  if (seconds < 60) return `${oneDigit.format(seconds)} s`;
  if (seconds < 3_600) return `${oneDigit.format(seconds / 60)} min`;
  return `${oneDigit.format(seconds / 3_600)} h`;
}

/** Percentage points between two shares: "1.2 points". */
export function formatPoints(difference: number): string {
  return `${oneDigit.format(Math.abs(difference) * 100)} points`;
}
