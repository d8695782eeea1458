import { Sparkles } from "lucide-react";
import { Link } from "wouter";
import { type Fingerprint, MOST_SESSIONS_COUNTED } from "../../../src-shared/contract/statistics.ts";
import { messagesHref, useNavigate } from "../../shell/navigation.ts";
import { Badge } from "../../ui/badge.tsx";
import { formatNumber, formatPercent } from "../../ui/format.ts";
import { Cell, Row } from "../../ui/table.tsx";
import { RelativeTime } from "../../ui/timestamp.tsx";
import { changeOf } from "../overview/change.ts";
import { Delta } from "../overview/delta.tsx";
import { allOf } from "../overview/period.ts";
import { Sparkline } from "../overview/sparkline.tsx";
import { FailureTemplate } from "./failure-template.tsx";
import styles from "./failures-page.module.css";

type FingerprintRowProps = {
  fingerprint: Fingerprint;
  /** All failures of the period. */
  total: number;
  /** Of the most frequent reason. */
  most: number;
  query: string;
};

export function FingerprintRow({ fingerprint, total, most, query }: FingerprintRowProps) {
  const navigate = useNavigate();
  const { id, template, sample, count, trend, channels, is_new } = fingerprint;
  const href = messagesHref(allOf(`reason:${id}`, query));
  return (
    <Row onOpen={() => navigate(href)}>
      <Cell>
        <div className={styles.reason}>
          <span className={styles.reasonLine}>
            <Link className={styles.template} href={href} tabIndex={-1}>
              <FailureTemplate text={template} />
            </Link>
            {is_new && (
              <Badge icon={Sparkles} tone="warning">
                New
              </Badge>
            )}
          </span>
          {sample !== template && (
            <span className={styles.sample} title={sample}>
              {sample}
            </span>
          )}
          <span className={styles.channels}>
            {channels.map((channel) => (
              <Badge key={channel}>{channel}</Badge>
            ))}
            <span className={styles.narrow}>
              last seen <RelativeTime ts={fingerprint.last_seen_ts} />
            </span>
          </span>
        </div>
      </Cell>
      <Cell wide>
        <Sparkline colour="var(--status-failed)" values={trend} />
      </Cell>
      <Cell numeric>
        <span className={styles.count}>{formatNumber(count)}</span>{" "}
        <span className={styles.share}>{formatPercent(total === 0 ? null : count / total)}</span>
        <span aria-hidden className={styles.bar}>
          <span style={{ width: `${(count / most) * 100}%` }} />
        </span>
      </Cell>
      <Cell numeric wide>
        <ChangeText fingerprint={fingerprint} />
      </Cell>
      <Cell numeric wide>
        {formatNumber(fingerprint.sessions)}
        {fingerprint.sessions >= MOST_SESSIONS_COUNTED && "+"}
      </Cell>
      <Cell wide>
        <span className={styles.when}>
          <RelativeTime ts={fingerprint.first_seen_ts} />
        </span>
      </Cell>
      <Cell wide>
        <span className={styles.when}>
          <RelativeTime ts={fingerprint.last_seen_ts} />
        </span>
      </Cell>
    </Row>
  );
}

function ChangeText({ fingerprint: { count, previous_count, is_new } }: { fingerprint: Fingerprint }) {
  const change = changeOf("bad-count", count, previous_count);
  if (change === null) return <span className="muted">{is_new ? "new" : "none before"}</span>;
  return (
    <span className={styles.change}>
      <Delta change={change} />
      <span className={styles.share}>from {formatNumber(previous_count)}</span>
    </span>
  );
}
