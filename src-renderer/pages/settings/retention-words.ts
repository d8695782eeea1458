import type { RetentionRuleSettings, RetentionSettings } from "../../../src-shared/contract/upkeep.ts";
import { plural } from "../../../src-shared/plural.ts";
import { quoteValue } from "../../../src-shared/query/edit.ts";
import { DAY_MS } from "../../../src-shared/time.ts";
import { formatNumber } from "../../ui/format.ts";

/** "failed email messages", "all messages". */
export function whichMessages({
  channel,
  status,
}: Pick<RetentionRuleSettings, "channel" | "status">): string {
  const words = [status, channel].filter((word) => word !== null);
  return words.length === 0 ? "all messages" : `${words.join(" ")} messages`;
}

/** "email messages older than 90 days, and all but the newest 1,000 of them". */
export function describeRule(rule: RetentionRuleSettings): string {
  const { max_age_days, max_records } = rule;
  const which = whichMessages(rule);
  const some = which === "all messages" ? "messages" : which;
  const newest = max_records === null ? "" : `the newest ${formatNumber(max_records)}`;
  if (max_age_days === null) return `${which} but ${newest}`;
  const old = `${some} older than ${plural(max_age_days, "day")}`;
  return newest === "" ? old : `${old}, and of the others all but ${newest}`;
}

/** What happens once a day, one sentence each; none where everything is kept. */
export function describeRetention(retention: RetentionSettings): string[] {
  const { enabled, rules, max_size_mb, system_log_days, export_before_delete } = retention;
  if (!enabled) return [];
  const after = export_before_delete ? ", after they were exported to a CSV file" : "";
  const sentences = rules.map((rule) => `${capital(describeRule(rule))} are deleted${after}.`);
  if (max_size_mb !== null) {
    const size = `${formatNumber(max_size_mb)} MB`;
    sentences.push(`While the database is larger than ${size}, the oldest messages are deleted${after}.`);
  }
  if (system_log_days !== null) {
    sentences.push(`System log entries older than ${plural(system_log_days, "day")} are deleted.`);
  }
  return sentences;
}

/** The messages a rule is about, in the query language. */
export function kindQuery({ channel, status }: Pick<RetentionRuleSettings, "channel" | "status">): string {
  const parts = [
    channel === null ? "" : `channel:${quoteValue(channel)}`,
    status === null ? "" : `status:${status}`,
  ];
  return parts.filter((part) => part !== "").join(" ");
}

/** Those of them that are too old. */
export function oldQuery(rule: RetentionRuleSettings, days: number, now: number): string {
  return `${kindQuery(rule)} before:${new Date(now - days * DAY_MS).toISOString()}`.trim();
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
