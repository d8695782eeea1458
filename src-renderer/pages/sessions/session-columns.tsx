import type { Session } from "../../../src-shared/session.ts";
import { sessionHref } from "../../shell/navigation.ts";
import { Badge } from "../../ui/badge.tsx";
import { formatNumber, formatPercent } from "../../ui/format.ts";
import { Link } from "../../ui/link.tsx";
import { Timestamp } from "../../ui/timestamp.tsx";
import { OutcomeBar } from "./outcome-bar.tsx";
import { sessionName } from "./session-name.ts";
import styles from "./sessions-page.module.css";
import type { GridColumn } from "./virtual-grid.tsx";

export const SESSION_COLUMNS: readonly GridColumn<Session>[] = [
  {
    key: "session",
    label: "Session",
    track: "minmax(200px, 2fr)",
    cell: (session) => <SessionTitle session={session} />,
  },
  {
    key: "channel",
    label: "Channel",
    track: "92px",
    cell: ({ channel }) => <span className="truncate">{channel}</span>,
  },
  {
    key: "started",
    label: "Started",
    track: "128px",
    cell: ({ started_ts }) => <Timestamp ts={started_ts} format="short" />,
  },
  { key: "total", label: "Messages", track: "92px", numeric: true, cell: ({ total }) => formatNumber(total) },
  {
    key: "outcome",
    label: "Outcome",
    track: "minmax(120px, 1.2fr)",
    cell: (session) => <OutcomeBar session={session} />,
  },
  {
    key: "rate",
    label: "Success",
    track: "84px",
    numeric: true,
    cell: (session) => (session.total === 0 ? <None /> : formatPercent(session.success_rate)),
  },
  {
    key: "failed",
    label: "Failed",
    track: "76px",
    numeric: true,
    cell: ({ failed }) =>
      failed === 0 ? <None text="0" /> : <span className={styles.failed}>{formatNumber(failed)}</span>,
  },
  {
    key: "pending",
    label: "Pending",
    track: "90px",
    numeric: true,
    cell: ({ pending }) => (pending === 0 ? <None text="0" /> : formatNumber(pending)),
  },
];

export const SESSION_COLUMNS_LEAST_PX = 882;

function SessionTitle({ session }: { session: Session }) {
  return (
    <span className={styles.title}>
      <span className={styles.nameLine}>
        {/* The grid has the focus; the link is for the mouse: a new tab, its address. */}
        <Link className={styles.name} href={sessionHref(session.session_id)} tabIndex={-1}>
          {sessionName(session)}
        </Link>
        {session.ended_ts === null && <Badge tone="info">Open</Badge>}
      </span>
      <span className={styles.id} title={session.session_id}>
        {session.session_id}
      </span>
    </span>
  );
}

/** The same on three short lines. */
export function CompactSession({ session }: { session: Session }) {
  return (
    <>
      <span className={styles.nameLine}>
        <span className={styles.name}>{sessionName(session)}</span>
        {session.ended_ts === null && <Badge tone="info">Open</Badge>}
        <span className={styles.compactRate}>
          {session.total === 0 ? "no messages" : formatPercent(session.success_rate)}
        </span>
      </span>
      <OutcomeBar session={session} />
      <span className={styles.compactFacts}>
        <span>{session.channel}</span>
        <Timestamp ts={session.started_ts} format="short" />
        <span>{formatNumber(session.total)} messages</span>
        {session.failed > 0 && <span className={styles.failed}>{formatNumber(session.failed)} failed</span>}
      </span>
    </>
  );
}

function None({ text = "–" }: { text?: string }) {
  return <span className={styles.none}>{text}</span>;
}
