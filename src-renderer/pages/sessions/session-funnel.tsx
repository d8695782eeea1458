import type { Output } from "../../../src-shared/contract/index.ts";
import type { Status } from "../../../src-shared/status.ts";
import { messagesHref } from "../../shell/navigation.ts";
import { Card } from "../../ui/card.tsx";
import { formatNumber, formatPercent } from "../../ui/format.ts";
import { Link } from "../../ui/link.tsx";
import { statusMeta } from "../../ui/status-meta.ts";
import styles from "./session-page.module.css";
import { sessionQuery } from "./session-query.ts";

/** The messages that reached the step or went past it; nothing tells those that are being sent from the rest. */
const REACHED: Readonly<Partial<Record<Status, string>>> = {
  sent: "status:success",
  delivered: "status:delivered,read",
  read: "status:read",
};

type SessionFunnelProps = { sessionId: string; funnel: Output<"sessions.get">["funnel"] };

export function SessionFunnel({ sessionId, funnel }: SessionFunnelProps) {
  const first = funnel[0]?.count ?? 0;
  return (
    <Card title="Funnel" description="How many messages reached each step">
      <ol className={styles.funnel}>
        {funnel.map(({ status, count }) => {
          const filter = REACHED[status];
          const share = first === 0 ? 0 : count / first;
          return (
            <li key={status} className={styles.funnelStep}>
              <Link
                href={messagesHref(
                  filter === undefined ? sessionQuery(sessionId) : sessionQuery(sessionId, filter),
                )}
                className={styles.funnelLink}
              >
                <span className={styles.funnelName}>{statusMeta(status).label}</span>
                <span className={styles.funnelTrack}>
                  <span
                    className={styles.funnelBar}
                    style={{ width: `${share * 100}%`, background: statusMeta(status).colour }}
                  />
                </span>
                <span className={styles.funnelCount}>{formatNumber(count)}</span>
                <span className={styles.funnelShare}>{formatPercent(first === 0 ? null : share)}</span>
              </Link>
            </li>
          );
        })}
      </ol>
    </Card>
  );
}
