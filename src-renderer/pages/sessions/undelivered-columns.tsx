import type { RecipientOutcome } from "../../../src-shared/contract/sessions.ts";
import { plural } from "../../../src-shared/plural.ts";
import { StatusBadge } from "../../ui/badge.tsx";
import { formatNumber } from "../../ui/format.ts";
import { Timestamp } from "../../ui/timestamp.tsx";
import styles from "./undelivered.module.css";
import type { GridColumn } from "./virtual-grid.tsx";

export const RECIPIENT_COLUMNS: readonly GridColumn<RecipientOutcome>[] = [
  {
    key: "recipient",
    label: "Recipient",
    track: "minmax(160px, 1.2fr)",
    cell: ({ recipient }) => (
      <span className="truncate" title={recipient}>
        {recipient}
      </span>
    ),
  },
  {
    key: "status",
    label: "Last status",
    track: "116px",
    cell: ({ status }) => <StatusBadge status={status} />,
  },
  {
    key: "reason",
    label: "Reason",
    track: "minmax(160px, 2fr)",
    cell: ({ error_message }) =>
      error_message === null ? (
        <span className={styles.none}>–</span>
      ) : (
        <span className="truncate" title={error_message}>
          {error_message}
        </span>
      ),
  },
  {
    key: "attempts",
    label: "Attempts",
    track: "84px",
    numeric: true,
    cell: ({ attempts }) => formatNumber(attempts),
  },
  {
    key: "last",
    label: "Last time",
    track: "128px",
    cell: ({ last_ts }) => <Timestamp ts={last_ts} format="short" />,
  },
];

export const RECIPIENT_COLUMNS_LEAST_PX = 648;

/** The same on two lines. */
export function CompactRecipient({ row }: { row: RecipientOutcome }) {
  return (
    <>
      <span className={styles.compactLine}>
        <span className={styles.compactName}>{row.recipient}</span>
        <StatusBadge status={row.status} />
      </span>
      <span className={styles.compactFacts}>
        <span className="truncate">{row.error_message ?? plural(row.attempts, "attempt")}</span>
        <Timestamp ts={row.last_ts} format="short" />
      </span>
    </>
  );
}
