import { ChevronRight, ListFilter } from "lucide-react";
import { useId } from "react";
import type { SystemLog } from "../../../src-shared/system-log.ts";
import { Button } from "../../ui/button.tsx";
import { classes } from "../../ui/classes.ts";
import { CodeBlock } from "../../ui/code-block.tsx";
import { Timestamp } from "../../ui/timestamp.tsx";
import { LEVEL_META } from "./level-meta.ts";
import styles from "./log-entry.module.css";

type LogEntryProps = {
  log: SystemLog;
  open: boolean;
  onToggle: (open: boolean) => void;
  onFocus: () => void;
  onComponent: (component: string) => void;
};

export function LogEntry({ log, open, onToggle, onFocus, onComponent }: LogEntryProps) {
  const { label, icon: Icon, tone } = LEVEL_META[log.level];
  const detailsId = useId();

  return (
    <div className={classes(styles.entry, open && styles.open)} data-tone={tone}>
      <button
        type="button"
        className={styles.row}
        data-log={log.id}
        aria-expanded={open}
        aria-controls={open ? detailsId : undefined}
        onClick={() => onToggle(!open)}
        onFocus={onFocus}
      >
        <ChevronRight className={styles.chevron} size={14} aria-hidden />
        <span className={styles.time}>
          <Timestamp ts={log.ts} />
        </span>
        <span className={styles.level}>
          <Icon size={14} aria-hidden />
          {label}
        </span>
        <span className={classes(styles.component, "mono", "truncate")}>{log.component}</span>
        <span className={styles.message}>{log.message}</span>
      </button>
      {open && (
        <div id={detailsId} className={styles.details}>
          <dl className={styles.facts}>
            <dt>Time</dt>
            <dd className="mono">{log.ts}</dd>
            <dt>Component</dt>
            <dd>
              <span className="mono">{log.component}</span>
              <Button size="sm" variant="ghost" icon={ListFilter} onClick={() => onComponent(log.component)}>
                Show only this component
              </Button>
            </dd>
          </dl>
          {log.details === null || Object.keys(log.details).length === 0 ? (
            <p className="muted">This entry has no further details.</p>
          ) : (
            <CodeBlock label="Details" code={JSON.stringify(log.details, null, 2)} wrap />
          )}
        </div>
      )}
    </div>
  );
}
