import { formatNumber } from "./format.ts";
import styles from "./sum.module.css";

export type SumTerm = { name: string; count: number };

export type SumProps = { total: SumTerm; parts: readonly SumTerm[]; balanced: boolean };

/** A total and what it is made of: "accepted 12 = stored 10 + removed 2", or "≠" where it does not add up. */
export function Sum({ total, parts, balanced }: SumProps) {
  return (
    <dl className={styles.sum}>
      <Term {...total} />
      {parts.map((part, index) => (
        <Term key={part.name} sign={index > 0 ? "+" : balanced ? "=" : "≠"} {...part} />
      ))}
    </dl>
  );
}

/** The sign is drawn from the attribute: a list of terms holds nothing but terms. */
function Term({ name, count, sign }: SumTerm & { sign?: string }) {
  return (
    <div className={styles.term} data-sign={sign}>
      <dt>{name}</dt>
      <dd>{formatNumber(count)}</dd>
    </div>
  );
}
