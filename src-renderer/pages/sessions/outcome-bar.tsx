import type { Session } from "../../../src-shared/session.ts";
import { formatNumber } from "../../ui/format.ts";
import styles from "./outcome-bar.module.css";
import { type Outcome, outcomeShares } from "./outcome-shares.ts";

const COLOURS: Readonly<Record<Outcome, string>> = {
  successful: "var(--status-delivered)",
  pending: "var(--status-pending)",
  cancelled: "var(--status-cancelled)",
  failed: "var(--status-failed)",
};

/** A session's messages by how they fared. */
export function OutcomeBar({ session }: { session: Session }) {
  const shares = outcomeShares(session);
  const text =
    shares.length === 0
      ? "No messages"
      : shares.map(({ label, count }) => `${formatNumber(count)} ${label}`).join(", ");
  return (
    <span role="img" aria-label={text} title={text} className={styles.bar}>
      {shares.map(({ outcome, share }) => (
        <span
          key={outcome}
          className={styles.part}
          style={{ width: `${share * 100}%`, background: COLOURS[outcome] }}
        />
      ))}
    </span>
  );
}
