import { Link } from "wouter";
import type { Overview } from "../../../src-shared/contract/statistics.ts";
import type { Status } from "../../../src-shared/status.ts";
import { messagesHref } from "../../shell/navigation.ts";
import { StatusIcon } from "../../ui/badge.tsx";
import { Card } from "../../ui/card.tsx";
import { formatNumber, formatPercent } from "../../ui/format.ts";
import { statusMeta } from "../../ui/status-meta.ts";
import styles from "./bars.module.css";
import { allOf } from "./period.ts";

/** The messages that are at a step or past it, as the ledger counts them. */
const REACHED: Readonly<Partial<Record<Status, string>>> = {
  sending: "status:sending,success",
  sent: "status:success",
  delivered: "status:delivered,read",
  read: "status:read",
};

export type FunnelCardProps = {
  funnel: Overview["funnel"];
  /** The time shown, in the query language. */
  query: string;
  className?: string | undefined;
};

/** How many messages reached each step, from pending to read. */
export function FunnelCard({ funnel, query, className }: FunnelCardProps) {
  const first = funnel[0]?.count ?? 0;
  return (
    <Card
      actions={<span className={styles.aside}>Of all</span>}
      className={className}
      title="From pending to read"
    >
      <ol className={styles.list}>
        {funnel.map(({ status, count }, index) => {
          const before = funnel[index - 1];
          const share = first === 0 ? null : count / first;
          return (
            <li key={status}>
              <Link className={styles.row} href={messagesHref(allOf(REACHED[status] ?? "", query))}>
                <span className={styles.line}>
                  <span style={{ alignSelf: "center" }}>
                    <StatusIcon status={status} />
                  </span>
                  <span className={styles.name}>{statusMeta(status).label}</span>
                  <span className={styles.figure}>{formatNumber(count)}</span>
                  <span className={styles.aside}>{formatPercent(share)}</span>
                </span>
                <span aria-hidden className={styles.bar}>
                  <span
                    className={styles.part}
                    style={{ background: statusMeta(status).colour, width: `${(share ?? 0) * 100}%` }}
                  />
                </span>
                {before !== undefined && before.count > count && (
                  <span className={styles.below}>
                    {formatNumber(before.count - count)} fewer than {before.status}
                  </span>
                )}
              </Link>
            </li>
          );
        })}
      </ol>
    </Card>
  );
}
