import type { RetentionSettings } from "../../../src-shared/contract/upkeep.ts";
import styles from "./retention-form.module.css";
import { describeRetention } from "./retention-words.ts";

/** What the settings do, in plain words. */
export function RetentionMeaning({ retention }: { retention: RetentionSettings }) {
  const sentences = describeRetention(retention);
  if (sentences.length === 0) {
    return <p className="muted">Nothing is deleted. The ledger grows with what you send.</p>;
  }
  return (
    <div className={styles.meaning}>
      <p>Once a day:</p>
      <ul>
        {sentences.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </div>
  );
}
