import type { Session } from "../../../src-shared/session.ts";
import { parseTime, SECOND_MS } from "../../../src-shared/time.ts";
import { Badge } from "../../ui/badge.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { formatDuration } from "../../ui/format.ts";
import { Timestamp } from "../../ui/timestamp.tsx";
import styles from "./session-page.module.css";

/** Who, how and when, on one line under the title. */
export function SessionFacts({ session }: { session: Session }) {
  const seconds = durationSeconds(session);
  return (
    <span className={styles.facts}>
      <span className={styles.idFact}>
        <span className={styles.sessionId}>{session.session_id}</span>
        <CopyButton value={session.session_id} label="Copy the session's id" />
      </span>
      <span>{session.channel}</span>
      <span>by {session.user_id}</span>
      <span>
        Started <Timestamp ts={session.started_ts} />
      </span>
      {session.ended_ts === null ? (
        <Badge tone="info">Open</Badge>
      ) : (
        <span>
          Ended <Timestamp ts={session.ended_ts} />
          {seconds !== null && ` after ${formatDuration(seconds)}`}
        </span>
      )}
    </span>
  );
}

function durationSeconds({ started_ts, ended_ts }: Session): number | null {
  const from = parseTime(started_ts);
  const to = ended_ts === null ? undefined : parseTime(ended_ts);
  return from === undefined || to === undefined || to < from ? null : (to - from) / SECOND_MS;
}
