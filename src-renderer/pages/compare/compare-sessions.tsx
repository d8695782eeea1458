import { GitCompareArrows } from "lucide-react";
import type { Output } from "../../../src-shared/contract/index.ts";
import type { Session } from "../../../src-shared/session.ts";
import { useProcedure } from "../../api/hooks.ts";
import { messagesHref, sessionHref } from "../../shell/navigation.ts";
import { Card } from "../../ui/card.tsx";
import { formatShortDateTime } from "../../ui/format.ts";
import { Link } from "../../ui/link.tsx";
import { Select } from "../../ui/select.tsx";
import { DataState, EmptyState, SkeletonRows } from "../../ui/states.tsx";
import { sessionName } from "../sessions/session-name.ts";
import { sessionQuery } from "../sessions/session-query.ts";
import styles from "./compare.module.css";
import type { ChangeCompare, CompareState } from "./compare-state.ts";
import { type Figure, FiguresTable } from "./figures-table.tsx";
import { sessionOverlay } from "./overlay.ts";
import { OverlayChart } from "./overlay-chart.tsx";

const MOST_OFFERED = 200;
const LOADING = (
  <Card flush>
    <SkeletonRows columns={4} rows={7} />
  </Card>
);

type SessionData = Output<"sessions.get">;

export function CompareSessions({ state, onChange }: { state: CompareState; onChange: ChangeCompare }) {
  const sessions = useProcedure("sessions.list", { limit: MOST_OFFERED }).data?.sessions ?? [];
  const { a, b } = state;
  return (
    <>
      <div className={styles.sides}>
        <Select
          className={styles.side}
          label="Session"
          options={optionsOf(sessions, a)}
          value={a}
          onValueChange={(next) => onChange({ a: next })}
        />
        <Select
          className={styles.side}
          label="Compared with"
          options={optionsOf(sessions, b)}
          value={b}
          onValueChange={(next) => onChange({ b: next })}
        />
      </div>
      {a === "" || b === "" ? (
        <Card>
          <EmptyState
            description="Their figures stand side by side, with the differences, and their volumes one over the other."
            icon={GitCompareArrows}
            title="Choose two sessions"
          />
        </Card>
      ) : (
        <BothSessions a={a} b={b} />
      )}
    </>
  );
}

/** Those on offer; one that is not among the newest is named by its id. */
function optionsOf(sessions: readonly Session[], chosen: string) {
  const options = sessions.map((session) => ({
    value: session.session_id,
    label: `${sessionName(session)}, ${formatShortDateTime(session.started_ts)}`,
  }));
  const isListed = options.some(({ value }) => value === chosen);
  return isListed ? options : [{ value: chosen, label: chosen || "Choose a session" }, ...options];
}

function BothSessions({ a, b }: { a: string; b: string }) {
  const first = useProcedure("sessions.get", { session_id: a });
  const second = useProcedure("sessions.get", { session_id: b });
  return (
    <DataState loading={LOADING} query={first}>
      {(left) => (
        <DataState loading={LOADING} query={second}>
          {(right) => <SessionComparison a={left} b={right} />}
        </DataState>
      )}
    </DataState>
  );
}

function SessionComparison({ a, b }: { a: SessionData; b: SessionData }) {
  const labels = labelsOf(a.session, b.session);
  return (
    <div className={styles.body}>
      <div className={styles.top}>
        <Card
          description={
            <>
              <Link href={sessionHref(a.session.session_id)}>{labels.aLabel}</Link> and{" "}
              <Link href={sessionHref(b.session.session_id)}>{labels.bLabel}</Link>
            </>
          }
          flush
          title="Figures"
        >
          <FiguresTable
            caption="Figures of both sessions"
            figures={figuresOf(a, b)}
            noun="Figure"
            {...labels}
          />
        </Card>
        <Card description="From the first message of each on" title="Volume">
          <OverlayChart points={sessionOverlay(a.timeline, b.timeline)} {...labels} />
        </Card>
      </div>
    </div>
  );
}

/** Two runs of one template are told apart by when they began. */
function labelsOf(a: Session, b: Session): { aLabel: string; bLabel: string } {
  const [left, right] = [sessionName(a), sessionName(b)];
  if (left !== right) return { aLabel: left, bLabel: right };
  return {
    aLabel: `${left}, ${formatShortDateTime(a.started_ts)}`,
    bLabel: `${right}, ${formatShortDateTime(b.started_ts)}`,
  };
}

function figuresOf(a: SessionData, b: SessionData): Figure[] {
  const [left, right] = [a.session, b.session];
  const links = (filter?: string) => ({
    aHref: messagesHref(sessionQuery(left.session_id, ...(filter === undefined ? [] : [filter]))),
    bHref: messagesHref(sessionQuery(right.session_id, ...(filter === undefined ? [] : [filter]))),
  });
  const rate = (session: Session) => (session.total === 0 ? null : session.success_rate);
  return [
    { label: "Messages", kind: "volume", a: left.total, b: right.total, ...links() },
    { label: "Success rate", kind: "share", a: rate(left), b: rate(right) },
    {
      label: "Successful",
      kind: "good-count",
      a: left.successful,
      b: right.successful,
      ...links("status:success"),
    },
    { label: "Failed", kind: "bad-count", a: left.failed, b: right.failed, ...links("status:failed") },
    { label: "Pending", kind: "volume", a: left.pending, b: right.pending, ...links("status:waiting") },
    {
      label: "Cancelled",
      kind: "volume",
      a: left.cancelled,
      b: right.cancelled,
      ...links("status:cancelled"),
    },
    { label: "Recipients", kind: "volume", a: a.recipients, b: b.recipients },
    { label: "Who did not get it", kind: "bad-count", a: a.undelivered, b: b.undelivered },
    {
      label: "Average time to send",
      kind: "latency",
      a: left.average_send_seconds,
      b: right.average_send_seconds,
    },
  ];
}
