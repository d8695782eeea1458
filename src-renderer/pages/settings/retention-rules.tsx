import { plural } from "../../../src-shared/plural.ts";
import { useDebounced } from "../../ui/use-debounced.ts";
import { type RuleDraft, type RuleErrors, readDraft } from "./retention-draft.ts";
import styles from "./retention-form.module.css";
import { RetentionRuleRow } from "./retention-rule-row.tsx";
import { useDoomed } from "./use-doomed.ts";

const PAUSE_MS = 300;

export type RetentionRulesProps = {
  rules: readonly RuleDraft[];
  errors: readonly RuleErrors[] | undefined;
  channels: readonly string[];
  onChange: (rules: readonly RuleDraft[]) => void;
};

/** Each rule with what it would delete today. */
export function RetentionRules({ rules, errors, channels, onChange }: RetentionRulesProps) {
  const settled = useDebounced(rules, PAUSE_MS);
  const read = settled.map(readOne);
  const counts = useDoomed(read.flatMap((rule) => rule ?? []));
  const countOf = (rule: RuleDraft): number | null => {
    const at = settled.indexOf(rule);
    // The rules that can't be read are not counted.
    return at < 0 || read[at] === null ? null : (counts[read.slice(0, at).filter(Boolean).length] ?? null);
  };
  if (rules.length === 0) return <p className="muted">No rule: messages of any age are kept.</p>;
  return (
    <ul className={styles.rules}>
      {rules.map((rule, index) => {
        const count = countOf(rule);
        return (
          <RetentionRuleRow
            channels={channels}
            effect={
              count === null
                ? readOne(rule) === null
                  ? "This rule is not complete."
                  : "Counting the messages…"
                : count === 0
                  ? "No message would go today."
                  : `${plural(count, "message")} would go today.`
            }
            errors={errors?.[index]}
            key={rule.id}
            number={index + 1}
            rule={rule}
            onChange={(next) => onChange(rules.with(index, next))}
            onRemove={() => onChange(rules.toSpliced(index, 1))}
          />
        );
      })}
    </ul>
  );
}

function readOne(rule: RuleDraft) {
  const draft = { enabled: true, rules: [rule], size: "", systemLogDays: "", exportFirst: false };
  return readDraft(draft).retention?.rules[0] ?? null;
}
