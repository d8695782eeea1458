import { PlugZap } from "lucide-react";
import { SECOND_MS } from "../../../src-shared/time.ts";
import { useProcedure } from "../../api/hooks.ts";
import { Card } from "../../ui/card.tsx";
import { formatDuration, formatNumber } from "../../ui/format.ts";
import { DataState, EmptyState, SkeletonRows } from "../../ui/states.tsx";
import { Timestamp } from "../../ui/timestamp.tsx";
import { SINK_TITLES } from "./sink-meta.ts";
import styles from "./sync.module.css";

const SHOWN = 50;
const REFRESH_MS = 5_000;

/** When a sink was out of reach: one row an outage, however many tries it had. */
export function OutagesCard() {
  const query = useProcedure("sync.outages", { limit: SHOWN }, { refetchInterval: REFRESH_MS });
  return (
    <Card title="Outages" description="Nothing is lost in one: what waits is sent when it is over." flush>
      <DataState query={query} loading={<SkeletonRows rows={3} />}>
        {({ outages }) =>
          outages.length === 0 ? (
            <EmptyState
              icon={PlugZap}
              title="No outage"
              description="Both were in reach whenever they were needed."
            />
          ) : (
            <div className={styles.scroll}>
              <table className={styles.table}>
                <caption className="visually-hidden">Outages, the newest first</caption>
                <thead>
                  <tr>
                    <th scope="col">Sink</th>
                    <th scope="col">Since</th>
                    <th scope="col">Lasted</th>
                    <th scope="col">Tries</th>
                    <th scope="col">Why</th>
                  </tr>
                </thead>
                <tbody>
                  {outages.map(({ sink, since_ts, until_ts, message, tries }) => (
                    <tr key={`${sink} ${since_ts}`}>
                      <td>{SINK_TITLES[sink]}</td>
                      <td>
                        <Timestamp ts={since_ts} format="short" seconds />
                      </td>
                      <td className="tabular">
                        {until_ts === null
                          ? "still lasts"
                          : formatDuration((Date.parse(until_ts) - Date.parse(since_ts)) / SECOND_MS)}
                      </td>
                      <td className="tabular">{formatNumber(tries)}</td>
                      <td className={styles.reason}>{message}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )
        }
      </DataState>
    </Card>
  );
}
