import { CircleCheck, PlugZap, Unplug } from "lucide-react";
import type { Outage } from "../../../src-shared/contract/sync.ts";
import { SINK_TITLES } from "../../../src-shared/contract/sync-counts.ts";
import { plural } from "../../../src-shared/plural.ts";
import { SECOND_MS } from "../../../src-shared/time.ts";
import { useProcedure } from "../../api/hooks.ts";
import { Badge } from "../../ui/badge.tsx";
import { Card } from "../../ui/card.tsx";
import { formatDuration } from "../../ui/format.ts";
import { DataState, EmptyState, SkeletonRows } from "../../ui/states.tsx";
import { RelativeTime, Timestamp } from "../../ui/timestamp.tsx";
import styles from "./outages-card.module.css";

const SHOWN = 50;
const REFRESH_MS = 5_000;

/** When a sink was out of reach: one entry an outage, however many tries it had. */
export function OutagesCard() {
  const query = useProcedure("sync.outages", { limit: SHOWN }, { refetchInterval: REFRESH_MS });
  return (
    <Card
      title="Outages"
      description="Nothing is lost in one: what waits is sent, in order, when it is over."
      flush
    >
      <DataState query={query} loading={<SkeletonRows rows={3} />}>
        {({ outages }) =>
          outages.length === 0 ? (
            <EmptyState
              icon={PlugZap}
              title="No outage so far"
              description="Whenever there was something to send, it could be sent."
            />
          ) : (
            <>
              <ol aria-label="Outages, newest first" className={styles.list}>
                {outages.map((outage) => (
                  <OutageRow key={`${outage.sink} ${outage.since_ts}`} outage={outage} />
                ))}
              </ol>
              {outages.length === SHOWN && (
                <p className={styles.more}>The newest {SHOWN}. Older ones are in the system log.</p>
              )}
            </>
          )
        }
      </DataState>
    </Card>
  );
}

function OutageRow({ outage: { sink, since_ts, until_ts, message, tries } }: { outage: Outage }) {
  const isOver = until_ts !== null;
  return (
    <li className={styles.outage}>
      <span className={styles.name}>{SINK_TITLES[sink]}</span>
      <span>
        <Badge icon={isOver ? CircleCheck : Unplug} tone={isOver ? "neutral" : "warning"}>
          {isOver ? "Over" : "Lasts"}
        </Badge>
      </span>
      <span className={styles.time}>
        <Timestamp ts={since_ts} format="short" seconds />
        {isOver ? (
          <>
            {" – "}
            <Timestamp ts={until_ts} format="time" />
          </>
        ) : (
          <>
            , <RelativeTime ts={since_ts} />
          </>
        )}
      </span>
      <span className={styles.figures}>
        {isOver && `${formatDuration((Date.parse(until_ts) - Date.parse(since_ts)) / SECOND_MS)}, `}
        {plural(tries, "try", "tries")}
      </span>
      <p className={styles.message}>{message}</p>
    </li>
  );
}
