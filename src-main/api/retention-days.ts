import type { RetentionSettings } from "../../src-shared/contract/upkeep.ts";

type Rule = RetentionSettings["rules"][number];

function isAgeOfAll({ channel, status, max_age_days, max_records }: Rule): boolean {
  return channel === null && status === null && max_age_days !== null && max_records === null;
}

/** The days that all messages are kept; null where retention is off or has no such rule. */
export function daysOf({ enabled, rules }: RetentionSettings): number | null {
  return enabled ? (rules.find(isAgeOfAll)?.max_age_days ?? null) : null;
}

/**
 * The same with another rule for the age of all messages, or without one. System logs go with it where they
 * went with the rule before. Rules that were off stay off: they are dropped where this turns retention on.
 */
export function withDays(retention: RetentionSettings, days: number | null): RetentionSettings {
  const before = daysOf(retention);
  const others = retention.rules.filter((rule) => !isAgeOfAll(rule));
  if (days === null) {
    const system_log_days = retention.system_log_days === before ? null : retention.system_log_days;
    const isLeft = others.length > 0 || retention.max_size_mb !== null || system_log_days !== null;
    return { ...retention, enabled: retention.enabled && isLeft, rules: others, system_log_days };
  }
  const rule: Rule = { channel: null, status: null, max_age_days: days, max_records: null };
  if (!retention.enabled) {
    return { ...retention, enabled: true, rules: [rule], max_size_mb: null, system_log_days: days };
  }
  const follows = retention.system_log_days === null || retention.system_log_days === before;
  return {
    ...retention,
    rules: [rule, ...others],
    system_log_days: follows ? days : retention.system_log_days,
  };
}
