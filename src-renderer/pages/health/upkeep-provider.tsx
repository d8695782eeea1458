import { useMutation } from "@tanstack/react-query";
import { createContext, type ReactNode, use, useState } from "react";
import type { Backup, Job, JobKind } from "../../../src-shared/contract/upkeep.ts";
import type { WaybillError } from "../../../src-shared/errors.ts";
import { useClient } from "../../api/client.ts";
import { useInvalidate } from "../../api/hooks.ts";
import { useJobs } from "../../api/jobs.ts";
import { RepairDialog } from "./repair-dialog.tsx";
import { RestoreConfirm } from "./restore-confirm.tsx";
import { RestoreDialog } from "./restore-dialog.tsx";
import { blockedKinds, type UpkeepKind } from "./upkeep-order.ts";

type StartRequest = { kind: Exclude<UpkeepKind, "restore"> } | { kind: "restore"; file: string };
type Question = { about: "choose" } | { about: "repair" } | { about: "restore"; backup: Backup };

type Upkeep = {
  /** Starts it; restore and repair ask first. */
  ask: (kind: UpkeepKind) => void;
  askRestore: (backup: Backup) => void;
  cancel: (job: Job) => void;
  starting: UpkeepKind | null;
  /** Why the last one asked for could not be started or stopped. */
  failure: { kind: JobKind; error: WaybillError } | null;
  /** What can't be started beside the jobs that run. */
  blocked: ReadonlySet<JobKind>;
};

const UpkeepContext = createContext<Upkeep | null>(null);

export function useUpkeep(): Upkeep {
  const upkeep = use(UpkeepContext);
  if (upkeep === null) throw new Error("useUpkeep needs an UpkeepProvider above it");
  return upkeep;
}

/** Lets any part of the page start upkeep, with one set of dialogs. */
export function UpkeepProvider({ children }: { children: ReactNode }) {
  const client = useClient();
  const invalidate = useInvalidate();
  const [question, setQuestion] = useState<Question | null>(null);
  const blocked = blockedKinds(useJobs());

  const start = useMutation<Job, WaybillError, StartRequest>({
    mutationFn: (request) =>
      request.kind === "restore"
        ? client.call("jobs.restore", { file: request.file })
        : client.call(`jobs.${request.kind}`, {}),
    onSettled: () => {
      setQuestion(null);
      invalidate("jobs.list");
    },
  });
  const cancel = useMutation<Job, WaybillError, Job>({
    mutationFn: (job) => client.call("jobs.cancel", { job_id: job.job_id }),
    onSettled: () => invalidate("jobs.list"),
  });

  function put(next: Question) {
    cancel.reset();
    start.reset();
    setQuestion(next);
  }

  function ask(kind: UpkeepKind) {
    cancel.reset();
    if (kind === "restore") put({ about: "choose" });
    else if (kind === "repair") put({ about: "repair" });
    else start.mutate({ kind });
  }

  function failure(): Upkeep["failure"] {
    if (start.error !== null) return { kind: start.variables.kind, error: start.error };
    if (cancel.error !== null) return { kind: cancel.variables.kind, error: cancel.error };
    return null;
  }

  const close = () => setQuestion(null);
  const upkeep: Upkeep = {
    ask,
    askRestore: (backup) => put({ about: "restore", backup }),
    cancel: (job) => cancel.mutate(job),
    starting: start.isPending ? start.variables.kind : null,
    failure: failure(),
    blocked,
  };

  return (
    <UpkeepContext value={upkeep}>
      {children}
      <RestoreDialog
        open={question?.about === "choose"}
        onClose={close}
        onChoose={(backup) => setQuestion({ about: "restore", backup })}
      />
      <RestoreConfirm
        backup={question?.about === "restore" ? question.backup : null}
        busy={start.isPending}
        onClose={close}
        onConfirm={(backup) => start.mutate({ kind: "restore", file: backup.file })}
      />
      <RepairDialog
        open={question?.about === "repair"}
        busy={start.isPending}
        onClose={close}
        onConfirm={() => start.mutate({ kind: "repair" })}
      />
    </UpkeepContext>
  );
}
