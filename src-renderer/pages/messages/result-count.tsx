import { plural } from "../../../src-shared/plural.ts";
import { formatNumber } from "../../ui/format.ts";
import styles from "./messages-page.module.css";
import type { MessageRows } from "./use-message-rows.ts";

/** How many messages match, and how long the first of them took. */
export function ResultCount({ messages }: { messages: MessageRows }) {
  const { count, state } = messages;
  if (count === undefined || state.snapshot === null) return null;
  return (
    <span className={styles.count} title={`The first rows took ${formatNumber(state.snapshot.tookMs)} ms`}>
      {formatNumber(count)}
      <span className={styles.took}>{formatNumber(state.snapshot.tookMs)} ms</span>
      <span className="visually-hidden" role="status">
        {plural(count, "message")}
      </span>
    </span>
  );
}
