import type { RetentionRuleSettings, RetentionSettings } from "../../../src-shared/contract/upkeep.ts";
import { STATUSES, type Status } from "../../../src-shared/status.ts";

export const MAX_DAYS = 36_500;
export const MAX_RULES = 50;
export const USUAL_DAYS = 90;

/** A rule while it is edited; "" is any, or no limit. */
export type RuleDraft = { id: number; channel: string; status: string; days: string; records: string };

export type RetentionDraft = {
  enabled: boolean;
  rules: readonly RuleDraft[];
  size: string;
  systemLogDays: string;
  exportFirst: boolean;
};

export type RuleErrors = { days: string | null; records: string | null };
export type RetentionErrors = {
  rules: readonly RuleErrors[];
  size: string | null;
  systemLogDays: string | null;
};

export function newRule(id: number): RuleDraft {
  return { id, channel: "", status: "", days: String(USUAL_DAYS), records: "" };
}

export function toDraft(retention: RetentionSettings): RetentionDraft {
  return {
    enabled: retention.enabled,
    rules: retention.rules.map((rule, id) => ({
      id,
      channel: rule.channel ?? "",
      status: rule.status ?? "",
      days: rule.max_age_days === null ? "" : String(rule.max_age_days),
      records: rule.max_records === null ? "" : String(rule.max_records),
    })),
    size: retention.max_size_mb === null ? "" : String(retention.max_size_mb),
    systemLogDays: retention.system_log_days === null ? "" : String(retention.system_log_days),
    exportFirst: retention.export_before_delete,
  };
}

/** What the draft stands for, or a sentence for each field that is wrong. */
export function readDraft(
  draft: RetentionDraft,
): { retention: RetentionSettings; errors: null } | { retention: null; errors: RetentionErrors } {
  const rules = draft.rules.map(readRule);
  const size = readLimit(draft.size, Number.MAX_SAFE_INTEGER, "megabytes");
  const systemLogDays = readLimit(draft.systemLogDays, MAX_DAYS, "days");
  const isRight = rules.every(({ rule }) => rule !== null) && size.error === null;
  if (!isRight || systemLogDays.error !== null) {
    return {
      retention: null,
      errors: {
        rules: rules.map(({ errors }) => errors),
        size: size.error,
        systemLogDays: systemLogDays.error,
      },
    };
  }
  return {
    retention: {
      enabled: draft.enabled,
      rules: rules.flatMap(({ rule }) => rule ?? []),
      max_size_mb: size.value,
      system_log_days: systemLogDays.value,
      export_before_delete: draft.exportFirst,
    },
    errors: null,
  };
}

function readRule({ channel, status, days, records }: RuleDraft): {
  rule: RetentionRuleSettings | null;
  errors: RuleErrors;
} {
  const age = readLimit(days, MAX_DAYS, "days");
  const newest = readLimit(records, Number.MAX_SAFE_INTEGER, "messages");
  if (age.error !== null || newest.error !== null) {
    return { rule: null, errors: { days: age.error, records: newest.error } };
  }
  if (age.value === null && newest.value === null) {
    return { rule: null, errors: { days: "Write an age, a number to keep, or both.", records: null } };
  }
  const rule = {
    channel: channel === "" ? null : channel,
    status: isStatus(status) ? status : null,
    max_age_days: age.value,
    max_records: newest.value,
  };
  return { rule, errors: { days: null, records: null } };
}

/** An empty field is no limit. */
export function readLimit(
  text: string,
  most: number,
  unit: string,
): { value: number | null; error: string | null } {
  const digits = text.trim().replaceAll(",", "");
  if (digits === "") return { value: null, error: null };
  const value = Number(digits);
  if (/^\d+$/.test(digits) && value >= 1 && value <= most) return { value, error: null };
  const range =
    most < Number.MAX_SAFE_INTEGER ? `from 1 to ${most.toLocaleString("en-US")}` : "of at least 1";
  return { value: null, error: `Write a whole number of ${unit} ${range}.` };
}

function isStatus(text: string): text is Status {
  return (STATUSES as readonly string[]).includes(text);
}

/** Whether the settings delete anything at all. */
export function isActive({ enabled, rules, max_size_mb, system_log_days }: RetentionSettings): boolean {
  return enabled && (rules.length > 0 || max_size_mb !== null || system_log_days !== null);
}

/** Whether something goes that the old settings keep. */
export function deletesMore(next: RetentionSettings, before: RetentionSettings): boolean {
  if (!isActive(next)) return false;
  if (!before.enabled) return true;
  return (
    next.rules.some((rule) => !before.rules.some((old) => isAsStrict(old, rule))) ||
    isLower(next.max_size_mb, before.max_size_mb) ||
    isLower(next.system_log_days, before.system_log_days)
  );
}

function isAsStrict(old: RetentionRuleSettings, rule: RetentionRuleSettings): boolean {
  return (
    (old.channel === null || old.channel === rule.channel) &&
    (old.status === null || old.status === rule.status) &&
    !isLower(rule.max_age_days, old.max_age_days) &&
    !isLower(rule.max_records, old.max_records)
  );
}

function isLower(next: number | null, before: number | null): boolean {
  return next !== null && (before === null || next < before);
}
