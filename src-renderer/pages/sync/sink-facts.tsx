import type { SinkStatus } from "../../../src-shared/contract/sync.ts";
import type { SinkCounts } from "../../../src-shared/contract/sync-counts.ts";
import { plural } from "../../../src-shared/plural.ts";
import { formatDateTime, formatNumber } from "../../ui/format.ts";
import { RelativeTime, Timestamp } from "../../ui/timestamp.tsx";
import { Fact, Facts } from "../health/facts.tsx";
import { forecast } from "./forecast.ts";
import styles from "./sink-card.module.css";
import { isInTrouble } from "./sink-notice.tsx";
import { useNow } from "./use-now.ts";

/** How fast it goes, until when, and what was last. */
export function SinkFacts({ sink }: { sink: SinkStatus }) {
  const { counts, sessions, rate_per_second, resending, last_error } = sink;
  return (
    <Facts>
      <Fact name="Speed">
        {rate_per_second > 0 ? `${formatRate(rate_per_second)} changes a second` : <Quiet>at rest</Quiet>}
      </Fact>
      {counts.pending > 0 && (
        <>
          <Fact name="Oldest waiting">
            {sink.oldest_pending_ts === null ? (
              <Quiet>not known</Quiet>
            ) : (
              <span>
                accepted <RelativeTime ts={sink.oldest_pending_ts} />
              </span>
            )}
          </Fact>
          <Fact name="All there in">
            <Forecast ts={sink.done_by_ts} />
          </Fact>
        </>
      )}
      {resending > 0 && <Fact name="Sent once more">{plural(resending, "change")} to go</Fact>}
      {sessions !== null && (
        <Fact name="Sessions">
          <span>{sessionsText(sessions)}</span>
        </Fact>
      )}
      <Fact name="Last delivered">
        {sink.last_delivered_ts === null ? (
          <Quiet>nothing since Waybill started</Quiet>
        ) : (
          <RelativeTime ts={sink.last_delivered_ts} />
        )}
      </Fact>
      {/* While it lasts, the notice above says it. */}
      {last_error !== null && !isInTrouble(sink.state) && (
        <Fact name="Last error">
          <span className={styles.long}>
            <Timestamp ts={last_error.ts} format="short" seconds />: {last_error.message}
          </span>
        </Fact>
      )}
    </Facts>
  );
}

function Forecast({ ts }: { ts: string | null }) {
  const now = useNow();
  if (ts === null) return <Quiet>not known while nothing goes out</Quiet>;
  return (
    <time dateTime={ts} title={formatDateTime(ts)}>
      {forecast(Date.parse(ts) - now)}
    </time>
  );
}

function Quiet({ children }: { children: string }) {
  return <span className="muted">{children}</span>;
}

/** A trickle is not "0 a second". */
function formatRate(rate: number): string {
  return rate < 1 ? "less than 1" : formatNumber(Math.round(rate));
}

function sessionsText({ accepted, delivered, pending, parked, removed, balanced }: SinkCounts): string {
  const parts = [
    `${formatNumber(delivered)} delivered`,
    `${formatNumber(pending)} waiting`,
    ...(parked > 0 ? [`${formatNumber(parked)} parked`] : []),
    ...(removed > 0 ? [`${formatNumber(removed)} removed unsent`] : []),
  ];
  if (accepted === 0) return "none yet";
  return `${plural(accepted, "change")}: ${parts.join(", ")}${balanced ? "" : ", which does not add up"}`;
}
