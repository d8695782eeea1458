import { useProcedure } from "../../api/hooks.ts";
import { Page } from "../../ui/page.tsx";
import { DataState, SkeletonRows } from "../../ui/states.tsx";
import { OutagesCard } from "./outages-card.tsx";
import { ParkedCard } from "./parked-card.tsx";
import { QueuesCard } from "./queues-card.tsx";
import { ReconcileCard } from "./reconcile-card.tsx";
import { SinkCard } from "./sink-card.tsx";
import styles from "./sync.module.css";

/** Events bring the state; this is for what no event tells, such as another host taking over. */
const REFRESH_MS = 5_000;

/** What reached RabbitMQ and Supabase, what waits, and what needs the operator. */
export function SyncPage() {
  const query = useProcedure("sync.status", {}, { refetchInterval: REFRESH_MS });
  return (
    <Page title="Sync" description="What reached RabbitMQ and Supabase, and what is on its way.">
      <DataState query={query} loading={<SkeletonRows rows={6} />}>
        {({ sinks, queues }) => {
          const on = new Set(sinks.filter(({ state }) => state !== "off").map(({ sink }) => sink));
          return (
            <div className={styles.page}>
              <div className={styles.columns}>
                {sinks.map((sink) => (
                  <SinkCard key={sink.sink} sink={sink} />
                ))}
              </div>
              {on.size > 0 && (
                <>
                  <div className={styles.columns}>
                    {on.has("rabbitmq") && <QueuesCard queues={queues} />}
                    {on.has("supabase") && <ReconcileCard />}
                  </div>
                  <ParkedCard />
                  <OutagesCard />
                </>
              )}
            </div>
          );
        }}
      </DataState>
    </Page>
  );
}
