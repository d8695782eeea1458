import type { ReactNode } from "react";
import type { Session } from "../../../src-shared/session.ts";
import { messagesHref } from "../../shell/navigation.ts";
import { formatDuration, formatNumber, formatPercent } from "../../ui/format.ts";
import { Link } from "../../ui/link.tsx";
import { OutcomeBar } from "./outcome-bar.tsx";
import styles from "./session-page.module.css";
import { sessionQuery } from "./session-query.ts";

/** The session's figures; each count leads to its messages. */
export function SessionNumbers({ session }: { session: Session }) {
  const { session_id: id, total } = session;
  return (
    <section className={styles.numbers} aria-label="Numbers">
      <dl className={styles.figures}>
        <Figure label="Messages" href={messagesHref(sessionQuery(id))}>
          {formatNumber(total)}
        </Figure>
        <Figure label="Success rate">{formatPercent(total === 0 ? null : session.success_rate)}</Figure>
        <Figure label="Successful" href={messagesHref(sessionQuery(id, "status:success"))}>
          {formatNumber(session.successful)}
        </Figure>
        <Figure
          label="Failed"
          href={messagesHref(sessionQuery(id, "status:failed"))}
          danger={session.failed > 0}
        >
          {formatNumber(session.failed)}
        </Figure>
        <Figure label="Pending" href={messagesHref(sessionQuery(id, "status:waiting"))}>
          {formatNumber(session.pending)}
        </Figure>
        <Figure label="Cancelled" href={messagesHref(sessionQuery(id, "status:cancelled"))}>
          {formatNumber(session.cancelled)}
        </Figure>
        <Figure label="Average time to send">{formatDuration(session.average_send_seconds)}</Figure>
      </dl>
      <OutcomeBar session={session} />
    </section>
  );
}

type FigureProps = { label: string; href?: string; danger?: boolean; children: ReactNode };

function Figure({ label, href, danger = false, children }: FigureProps) {
  return (
    <div className={styles.figure}>
      <dt className={styles.figureLabel}>{label}</dt>
      <dd className={danger ? styles.figureDanger : styles.figureValue}>
        {href === undefined ? (
          children
        ) : (
          <Link href={href} className={styles.figureLink}>
            {children}
          </Link>
        )}
      </dd>
    </div>
  );
}
