import { CircleCheck } from "lucide-react";
import { useState } from "react";
import { Link, useSearch } from "wouter";
import type { FailureReason } from "../../../src-shared/contract/statistics.ts";
import { plural } from "../../../src-shared/plural.ts";
import { messagesHref } from "../../shell/navigation.ts";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { formatNumber, formatPercent } from "../../ui/format.ts";
import { Link as TextLink } from "../../ui/link.tsx";
import { EmptyState } from "../../ui/states.tsx";
import { RelativeTime } from "../../ui/timestamp.tsx";
import { FailureTemplate } from "../failures/failure-template.tsx";
import styles from "./failures-card.module.css";
import { allOf } from "./period.ts";

const MOST_AT_FIRST = 6;

export type FailuresCardProps = {
  failures: readonly FailureReason[];
  failed: number;
  /** The time shown, in the query language. */
  query: string;
  className?: string | undefined;
};

export function FailuresCard({ failures, failed, query, className }: FailuresCardProps) {
  const [all, setAll] = useState(false);
  // That page has its period in the address under the same names.
  const search = useSearch();
  return (
    <Card
      actions={
        failed > 0 && (
          <>
            <TextLink href={messagesHref(allOf("status:failed", query))}>
              {plural(failed, "failure")}
            </TextLink>
            <TextLink href={`/failures?${search}`}>All reasons</TextLink>
          </>
        )
      }
      className={className}
      flush
      title="Why messages failed"
    >
      {failures.length === 0 ? (
        <EmptyState
          description={failed > 0 ? "The failures of this period came without a reason." : undefined}
          icon={CircleCheck}
          title={failed > 0 ? "No reasons given" : "No failures"}
        />
      ) : (
        <ul className={styles.list}>
          {(all ? failures : failures.slice(0, MOST_AT_FIRST)).map((failure) => (
            <li key={failure.id}>
              <FailureRow failed={failed} failure={failure} query={query} />
            </li>
          ))}
          {!all && failures.length > MOST_AT_FIRST && (
            <li className={styles.more}>
              <Button size="sm" variant="ghost" onClick={() => setAll(true)}>
                Show {failures.length - MOST_AT_FIRST} more
              </Button>
            </li>
          )}
        </ul>
      )}
    </Card>
  );
}

type FailureRowProps = { failure: FailureReason; failed: number; query: string };

function FailureRow({ failure, failed, query }: FailureRowProps) {
  const share = failed === 0 ? null : Math.min(1, failure.count / failed);
  return (
    <Link className={styles.row} href={messagesHref(allOf(`reason:${failure.id}`, query))}>
      <span className={`${styles.reason} truncate`} title={failure.template}>
        <FailureTemplate text={failure.template} />
      </span>
      <span className={styles.figure}>{formatNumber(failure.count)}</span>
      <span className={styles.share}>{formatPercent(share)}</span>
      <span className={`${styles.sample} truncate`} title={failure.sample}>
        <span className={styles.when}>
          Last seen <RelativeTime ts={failure.last_seen_ts} /> ·{" "}
        </span>
        {failure.sample}
      </span>
      <span aria-hidden className={styles.bar}>
        <span style={{ width: `${(share ?? 0) * 100}%` }} />
      </span>
    </Link>
  );
}
