import { type ReactNode, useCallback, useMemo, useRef } from "react";
import type { Job } from "../../src-shared/contract/upkeep.ts";
import { useCarrier } from "../api/carrier.ts";
import { useClient } from "../api/client.ts";
import { downloadFile } from "../api/download.ts";
import { useEvent } from "../api/events.ts";
import { useToast } from "../ui/toast.tsx";
import { type Exports, ExportsContext } from "./exports.ts";

/** Waits for the exports that this window started, so that leaving a page loses none. */
export function ExportsProvider({ children }: { children: ReactNode }) {
  const client = useClient();
  const carrier = useCarrier();
  const toast = useToast();
  const awaited = useRef(new Set<string>());
  // A small export ends before its start has been answered.
  const endedEarly = useRef(new Map<string, Job>());

  const finish = useCallback(
    (job: Job) => {
      awaited.current.delete(job.job_id);
      if (job.state === "done") {
        downloadFile(carrier, job);
        toast.show({ title: "Report ready", description: job.file_name ?? undefined, tone: "success" });
      } else if (job.state === "failed") {
        toast.show({ title: "The export failed", description: job.message ?? undefined, tone: "danger" });
      }
    },
    [carrier, toast],
  );

  useEvent("job.changed", (job) => {
    if (job.kind !== "export" || job.state === "running") return;
    if (awaited.current.has(job.job_id)) finish(job);
    else endedEarly.current.set(job.job_id, job);
  });

  const exports = useMemo<Exports>(
    () => ({
      async start(input) {
        endedEarly.current.clear();
        const job = await client.call("jobs.export", input);
        const ended = job.state === "running" ? endedEarly.current.get(job.job_id) : job;
        if (ended === undefined) awaited.current.add(job.job_id);
        else finish(ended);
        return job;
      },
    }),
    [client, finish],
  );
  return <ExportsContext value={exports}>{children}</ExportsContext>;
}
