import { type Query, type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { Output } from "../../src-shared/contract/index.ts";
import type { Job } from "../../src-shared/contract/upkeep.ts";
import { useEvent, useLedgerChanged } from "./events.ts";
import { procedureKey } from "./hooks.ts";
import { refreshQueries } from "./refresh-queries.ts";

const LEDGER_READS = ["messages.", "sessions.", "stats."];
const SETTLE_MS = 250;

/** Keeps what is on the screen true: turns events into refreshed queries. Renders nothing. */
export function LiveQueries() {
  const queries = useQueryClient();
  const watched = useHasLiveReads(queries);

  useLedgerChanged(() => refreshQueries(queries, isLiveRead), { enabled: watched });
  useEvent("health.changed", () => {
    refreshQueries(queries, (query) => nameOf(query) === "health.get" || nameOf(query) === "systemLogs.list");
  });
  useEvent("settings.changed", (settings) => {
    queries.setQueryData(procedureKey("settings.get", {}), settings);
  });
  useEvent("sync.changed", (status) => {
    queries.setQueryData(procedureKey("sync.status", {}), status);
    refreshQueries(queries, (query) => nameOf(query) === "sync.deliveries");
  });
  useEvent("job.changed", (job) => {
    queries.setQueryData<Output<"jobs.list">>(procedureKey("jobs.list", {}), (list) =>
      list === undefined ? list : { jobs: withJob(list.jobs, job) },
    );
    if (job.state !== "running") refreshQueries(queries, (query) => isTouchedBy(job, query));
  });
  return null;
}

function nameOf(query: Query): string {
  return String(query.queryKey[0]);
}

function isLiveRead(query: Query): boolean {
  return query.meta?.live === true && LEDGER_READS.some((prefix) => nameOf(query).startsWith(prefix));
}

/** A job that changed messages makes every answer old, also those that are not live. */
function isTouchedBy(job: Job, query: Query): boolean {
  const name = nameOf(query);
  if (name === "settings.get" || name === "access.get") return false;
  // An answer that was on its way while the job ended may tell of it as running.
  if (name === "jobs.list") return true;
  const changesMessages = ["restore", "repair", "prune", "import", "demo"].includes(job.kind);
  return changesMessages || name === "health.get" || name === "backups.list" || name === "systemLogs.list";
}

function withJob(jobs: readonly Job[], changed: Job): Job[] {
  const others = jobs.filter((job) => job.job_id !== changed.job_id);
  return [changed, ...others].sort((a, b) => b.started_ts.localeCompare(a.started_ts));
}

/** Whether any mounted query depends on the ledger: without one there is nothing to listen for. */
function useHasLiveReads(queries: QueryClient): boolean {
  const [has, setHas] = useState(false);
  useEffect(() => {
    const cache = queries.getQueryCache();
    const look = () => setHas(cache.getAll().some((query) => query.isActive() && isLiveRead(query)));
    let timer: ReturnType<typeof setTimeout> | undefined;
    const unsubscribe = cache.subscribe((event) => {
      if (event.type !== "observerAdded" && event.type !== "observerRemoved") return;
      clearTimeout(timer);
      timer = setTimeout(look, SETTLE_MS);
    });
    look();
    return () => {
      clearTimeout(timer);
      unsubscribe();
    };
  }, [queries]);
  return has;
}
