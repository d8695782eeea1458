import { Trash2 } from "lucide-react";
import { STATUSES } from "../../../src-shared/status.ts";
import { IconButton } from "../../ui/icon-button.tsx";
import { Select } from "../../ui/select.tsx";
import { statusMeta } from "../../ui/status-meta.ts";
import { TextField } from "../../ui/text-field.tsx";
import type { RuleDraft, RuleErrors } from "./retention-draft.ts";
import styles from "./retention-form.module.css";

const ANY_STATUS = { value: "", label: "Any status" };
const STATUS_OPTIONS = [
  ANY_STATUS,
  ...STATUSES.map((status) => ({ value: status, label: statusMeta(status).label })),
];

export type RetentionRuleRowProps = {
  rule: RuleDraft;
  number: number;
  channels: readonly string[];
  errors: RuleErrors | undefined;
  /** What it would delete now, in words. */
  effect: string;
  onChange: (rule: RuleDraft) => void;
  onRemove: () => void;
};

export function RetentionRuleRow(props: RetentionRuleRowProps) {
  const { rule, number, errors, effect, onChange, onRemove } = props;
  const known = new Set([...props.channels, ...(rule.channel === "" ? [] : [rule.channel])]);
  const channels = [...known].toSorted().map((channel) => ({ value: channel, label: channel }));
  return (
    <li>
      <fieldset className={styles.rule}>
        <legend className="visually-hidden">Rule {number}</legend>
        <div className={styles.ruleFields}>
          <Select
            label="Channel"
            options={[{ value: "", label: "All channels" }, ...channels]}
            value={rule.channel}
            onValueChange={(channel) => onChange({ ...rule, channel })}
          />
          <Select
            label="Status"
            options={STATUS_OPTIONS}
            value={rule.status}
            onValueChange={(status) => onChange({ ...rule, status })}
          />
          <TextField
            after={<span className="muted">days</span>}
            error={errors?.days}
            inputMode="numeric"
            label="Delete when older than"
            placeholder="any age"
            value={rule.days}
            onChange={(event) => onChange({ ...rule, days: event.target.value })}
          />
          <TextField
            error={errors?.records}
            inputMode="numeric"
            label="Keep the newest"
            placeholder="no limit"
            value={rule.records}
            onChange={(event) => onChange({ ...rule, records: event.target.value })}
          />
        </div>
        <div className={styles.foot}>
          <p className={styles.effect} role="status">
            {effect}
          </p>
          <IconButton icon={Trash2} label={`Remove rule ${number}`} size="sm" onClick={onRemove} />
        </div>
      </fieldset>
    </li>
  );
}
