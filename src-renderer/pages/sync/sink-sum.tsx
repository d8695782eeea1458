import type { SinkCounts } from "../../../src-shared/contract/sync-counts.ts";
import { formatNumber } from "../../ui/format.ts";
import styles from "./sync.module.css";

/** Accepted = delivered + waiting + parked + removed, with its judgement where it does not add up. */
export function SinkSum({ counts }: { counts: SinkCounts }) {
  const { accepted, delivered, pending, parked, removed, balanced } = counts;
  const terms: [string, number][] = [
    ["changes accepted", accepted],
    ["delivered", delivered],
    ["waiting", pending],
    ["parked", parked],
  ];
  if (removed > 0) terms.push(["removed before", removed]);
  return (
    <>
      <dl className={styles.sum}>
        {terms.map(([name, count]) => (
          <div key={name}>
            <dd>{formatNumber(count)}</dd>
            <dt>{name}</dt>
          </div>
        ))}
      </dl>
      {!balanced && (
        <p className={styles.trouble} role="alert">
          These do not add up. Look at Health, and send the period again.
        </p>
      )}
    </>
  );
}
