import type { MessageEvent } from "../../../src-shared/contract/messages.ts";
import type { WaybillError } from "../../../src-shared/errors.ts";
import type { MessageRecord } from "../../../src-shared/record.ts";
import { Badge, StatusIcon } from "../../ui/badge.tsx";
import { classes } from "../../ui/classes.ts";
import { formatDuration } from "../../ui/format.ts";
import { Skeleton } from "../../ui/states.tsx";
import { statusMeta } from "../../ui/status-meta.ts";
import { Timestamp } from "../../ui/timestamp.tsx";
import { type LifeStep, lifeSeconds, lifeSteps } from "./life-steps.ts";
import styles from "./message-drawer.module.css";

type MessageLifeProps = {
  message: MessageRecord;
  /** Undefined while they are fetched. */
  events: readonly MessageEvent[] | undefined;
  error: WaybillError | null;
};

/** Each status that was reported, with its time. */
export function MessageLife({ message, events, error }: MessageLifeProps) {
  const steps = events === undefined ? [] : lifeSteps(events);
  const seconds = lifeSeconds(steps);
  // An error that no report brought along came with the record itself.
  const isTold = steps.some(({ event }) => event.error_message === message.error_message);
  return (
    <section className={styles.section}>
      <h3 className={styles.heading}>
        Life
        {seconds !== null && (
          <span className={styles.headingNote}>{formatDuration(seconds)} from first to last step</span>
        )}
      </h3>
      {message.error_message !== null && !isTold && events !== undefined && (
        <p className={styles.error}>{message.error_message}</p>
      )}
      {events === undefined ? (
        <LifePlaceholder error={error} />
      ) : (
        <ol className={styles.life}>
          {steps.map((step) => (
            <Step key={step.event.event_id} step={step} />
          ))}
        </ol>
      )}
    </section>
  );
}

function Step({ step: { event, afterSeconds, reportedAfterSeconds } }: { step: LifeStep }) {
  return (
    <li className={classes(styles.step, !event.applied && styles.stepLate)}>
      <span className={styles.stepIcon}>
        <StatusIcon status={event.status} />
      </span>
      <div className={styles.stepText}>
        <div className={styles.stepLine}>
          <span className={styles.stepStatus}>{statusMeta(event.status).label}</span>
          {!event.applied && <Badge>Late report, history only</Badge>}
          <span className={styles.stepTime}>
            {afterSeconds !== null && <span className={styles.after}>+{formatDuration(afterSeconds)}</span>}
            <Timestamp ts={event.ts} />
          </span>
        </div>
        {event.error_message !== null && <p className={styles.error}>{event.error_message}</p>}
        {(event.external_id !== null || reportedAfterSeconds !== null) && (
          <p className={styles.stepNote}>
            {event.external_id !== null && <span className="mono">{event.external_id}</span>}
            {reportedAfterSeconds !== null && (
              <span>Reported {formatDuration(reportedAfterSeconds)} after it happened</span>
            )}
          </p>
        )}
      </div>
    </li>
  );
}

function LifePlaceholder({ error }: { error: WaybillError | null }) {
  if (error !== null) return <p className={styles.error}>{error.message}</p>;
  return (
    <div className={styles.life} aria-busy="true">
      <Skeleton width="70%" />
      <Skeleton width="55%" />
    </div>
  );
}
