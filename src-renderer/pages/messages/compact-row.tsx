// biome-ignore-all lint/a11y/useSemanticElements: a virtual grid; a <table> would lay out its own rows.
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid keeps the focus and points at its active row.

import { memo } from "react";
import { StatusBadge } from "../../ui/badge.tsx";
import { classes } from "../../ui/classes.ts";
import { formatUtc } from "../../ui/format.ts";
import { Skeleton } from "../../ui/states.tsx";
import { Recipients } from "./message-cell.tsx";
import type { RowProps } from "./message-row.tsx";
import styles from "./message-table.module.css";
import { formatRowTime } from "./row-time.ts";

type CompactRowProps = Pick<
  RowProps,
  "id" | "index" | "top" | "message" | "live" | "active" | "selected" | "onOpen"
>;

/** A message on two lines, for narrow screens. */
export const CompactRow = memo(function CompactRow(props: CompactRowProps) {
  const { id, index, top, message, live, active, selected, onOpen } = props;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid has the keys, its focus stays on it.
    <div
      id={id}
      role="row"
      aria-rowindex={index + 1}
      aria-selected={selected}
      aria-busy={message === undefined || undefined}
      className={classes(
        styles.row,
        styles.compact,
        live && styles.live,
        active && styles.active,
        selected && styles.selected,
      )}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => message !== undefined && onOpen(index)}
    >
      <div role="gridcell" aria-colindex={1} className={styles.compactCell}>
        {message === undefined ? (
          <>
            <Skeleton width="60%" height={11} />
            <Skeleton width="85%" height={10} />
          </>
        ) : (
          <>
            <div className={styles.compactLine}>
              <StatusBadge status={message.status} />
              <span className={styles.compactRecipient}>
                <Recipients recipients={message.destination_subject_ids} />
              </span>
              <time
                className={styles.compactTime}
                dateTime={message.origin_ts}
                title={formatUtc(message.origin_ts)}
              >
                {formatRowTime(message.origin_ts)}
              </time>
            </div>
            <div className={styles.compactLine}>
              <span className={classes(styles.text, message.error_message !== null && styles.danger)}>
                {message.error_message ?? message.content_preview ?? message.message_type ?? "No preview"}
              </span>
              <span className={styles.compactChannel}>{message.channel}</span>
            </div>
          </>
        )}
      </div>
    </div>
  );
});
