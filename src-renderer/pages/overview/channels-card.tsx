import { useState } from "react";
import { Link } from "wouter";
import type { Breakdown } from "../../../src-shared/contract/statistics.ts";
import { quoteValue } from "../../../src-shared/query/edit.ts";
import { messagesHref } from "../../shell/navigation.ts";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { formatNumber, formatPercent } from "../../ui/format.ts";
import { OUTCOME_STACK } from "../../ui/stacks.ts";
import styles from "./bars.module.css";
import { allOf } from "./period.ts";

const MOST_AT_FIRST = 6;

export type ChannelsCardProps = {
  channels: readonly Breakdown[];
  /** The time shown, in the query language. */
  query: string;
  className?: string | undefined;
};

/** How much went over each channel, and how well. */
export function ChannelsCard({ channels, query, className }: ChannelsCardProps) {
  const [all, setAll] = useState(false);
  const shown = all ? channels : channels.slice(0, MOST_AT_FIRST);
  const most = Math.max(...channels.map(({ total }) => total), 1);
  return (
    <Card actions={<span className={styles.aside}>Success rate</span>} className={className} title="Channels">
      <ul className={styles.list}>
        {shown.map((channel) => (
          <li key={channel.key}>
            <Link
              className={styles.row}
              href={messagesHref(allOf(`channel:${quoteValue(channel.key)}`, query))}
            >
              <span className={styles.line}>
                <span className={`${styles.name} truncate`}>{channel.key}</span>
                <span className={styles.figure}>{formatNumber(channel.total)}</span>
                <span className={styles.aside}>
                  <span className="visually-hidden">messages, success rate </span>
                  {formatPercent(channel.success_rate)}
                </span>
              </span>
              <span aria-hidden className={styles.bar} style={{ width: `${(channel.total / most) * 100}%` }}>
                {OUTCOME_STACK.map(([part, colour]) =>
                  channel[part] > 0 ? (
                    <span
                      className={styles.part}
                      key={part}
                      style={{ background: colour, flexGrow: channel[part] }}
                      title={`${formatNumber(channel[part])} ${part}`}
                    />
                  ) : null,
                )}
              </span>
              <span className={styles.below}>
                {formatNumber(channel.successful)} successful · {formatNumber(channel.failed)} failed
                {channel.pending > 0 && ` · ${formatNumber(channel.pending)} waiting`}
              </span>
            </Link>
          </li>
        ))}
      </ul>
      {shown.length < channels.length && (
        <Button size="sm" variant="ghost" onClick={() => setAll(true)}>
          Show all {formatNumber(channels.length)} channels
        </Button>
      )}
    </Card>
  );
}
