import { RefreshCw } from "lucide-react";
import { useEffect, useEffectEvent } from "react";
import type { SinkStatus, SyncStatus } from "../../../src-shared/contract/sync.ts";
import { useInvalidate, useProcedure } from "../../api/hooks.ts";
import { Page } from "../../ui/page.tsx";
import { DataState, EmptyState, Skeleton } from "../../ui/states.tsx";
import { DeadCard } from "./dead-card.tsx";
import { IntakeCard } from "./intake-card.tsx";
import { OutagesCard } from "./outages-card.tsx";
import { ParkedCard } from "./parked-card.tsx";
import { QueuesCard } from "./queues-card.tsx";
import { ReconcileCard } from "./reconcile-card.tsx";
import { SinkCard } from "./sink-card.tsx";
import styles from "./sync-page.module.css";

/** Events bring the state; this is for what no event tells, such as another host taking over. */
const REFRESH_MS = 5_000;

/** What reached RabbitMQ and Supabase, what waits, what came from Redis, and what needs the operator. */
export function SyncPage() {
  const query = useProcedure("sync.status", {}, { refetchInterval: REFRESH_MS });
  const store = useProcedure("health.get", {}).data?.store;
  useFreshLists(query.data);
  return (
    <Page title="Sync" description="What reached RabbitMQ and Supabase, and what is on its way.">
      {store === "archive" ? (
        <div className={styles.page}>
          <ArchiveNotice />
          <DeadCard />
        </div>
      ) : (
        <DataState query={query} loading={<SyncSkeleton />}>
          {(status) => <SyncBody status={status} />}
        </DataState>
      )}
    </Page>
  );
}

/** Here it has no sinks to connect: the hosts that log forward, and the consumers write. */
function ArchiveNotice() {
  return (
    <EmptyState
      icon={RefreshCw}
      title="An archive forwards nothing"
      description="This host shows what consumers wrote. What is still on its way is on the Sync page of each host that logs. What a consumer could not store is here where this host has RABBITMQ_URL, and anywhere by: waybill dead list"
    />
  );
}

function SyncBody({ status: { sinks, queues, ingests } }: { status: SyncStatus }) {
  return (
    <div className={styles.page}>
      <div className={styles.columns}>
        {sinks.map((sink) => (
          <div className={styles.column} key={sink.sink}>
            <SinkCard sink={sink} />
            {sink.sink === "rabbitmq" && isOn(sink) && <QueuesCard queues={queues} />}
            {sink.sink === "supabase" && isOn(sink) && <ReconcileCard />}
            {sink.sink === "supabase" && sinks.some(isOn) && <OutagesCard />}
          </div>
        ))}
      </div>
      {sinks.some(isOn) && <ParkedCard sinks={sinks} />}
      <DeadCard />
      {ingests.length > 0 && <IntakeCard ingests={ingests} />}
    </div>
  );
}

function isOn({ state }: SinkStatus): boolean {
  return state !== "off";
}

/** The lists below have no event of their own: a change of a sink's state or of what is parked makes them old. */
function useFreshLists(status: SyncStatus | undefined): void {
  const invalidate = useInvalidate();
  const refresh = useEffectEvent(() => invalidate("sync.outages", "sync.parked"));
  const marks = status?.sinks
    .map(({ state, counts, sessions }) => `${state} ${counts.parked} ${sessions?.parked}`)
    .join();
  useEffect(() => {
    if (marks !== undefined) refresh();
  }, [marks]);
}

function SyncSkeleton() {
  return (
    <div className={styles.columns} aria-busy="true">
      <Skeleton height={420} />
      <Skeleton height={420} />
    </div>
  );
}
