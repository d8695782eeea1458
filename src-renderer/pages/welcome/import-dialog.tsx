import { Download } from "lucide-react";
import { useEffect, useState } from "react";
import type { ExportFormat, Job } from "../../../src-shared/contract/upkeep.ts";
import { toWaybillError } from "../../../src-shared/errors.ts";
import { useCarrier } from "../../api/carrier.ts";
import { downloadFile } from "../../api/download.ts";
import { useMutationProcedure } from "../../api/hooks.ts";
import { useJob } from "../../api/jobs.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { JobProgress } from "../../ui/job-progress.tsx";
import { useToast } from "../../ui/toast.tsx";
import { Dropzone } from "./dropzone.tsx";
import { type ChosenFile, chooseFile, doubledFields, writeMap } from "./import-file.ts";
import { ImportForm } from "./import-form.tsx";

export type ImportDialogProps = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** A file that was dropped elsewhere. */
  file?: File | null | undefined;
};

export function ImportDialog({ open, onOpenChange, file = null }: ImportDialogProps) {
  const carrier = useCarrier();
  const toast = useToast();
  const [chosen, setChosen] = useState<ChosenFile | null>(null);
  const [channel, setChannel] = useState("");
  const [sending, setSending] = useState(false);
  const [jobId, setJobId] = useState<string | null>(null);
  const job = useJob(open ? jobId : null);
  const cancel = useMutationProcedure("jobs.cancel", {
    onError: (error) => toast.error(error, "The import was not cancelled"),
  });

  const take = (next: File, format?: ExportFormat) => {
    setJobId(null);
    chooseFile(next, format).then(setChosen, (error: unknown) =>
      toast.error(error, "The file can't be read"),
    );
  };
  useEffect(() => {
    if (file === null) return;
    setJobId(null);
    chooseFile(file).then(setChosen, () => setChosen(null));
  }, [file]);

  const start = async (what: ChosenFile) => {
    setSending(true);
    const map = writeMap(what.columns);
    const reply = await carrier.importFile(what.file, { format: what.format, map, channel: channel.trim() });
    setSending(false);
    if (reply.ok) setJobId(reply.value.job_id);
    else toast.error(toWaybillError(reply.error), "The import did not start");
  };
  const changeOpen = (next: boolean) => {
    if (!next && job?.state !== "running") {
      setChosen(null);
      setJobId(null);
    }
    onOpenChange(next);
  };
  return (
    <Dialog
      description="Each row becomes a message. Importing the same file again adds nothing twice."
      footer={
        jobId === null ? (
          <>
            <Button variant="ghost" onClick={() => changeOpen(false)}>
              Cancel
            </Button>
            <Button
              busy={sending}
              disabled={chosen === null || doubledFields(chosen.columns).size > 0}
              variant="primary"
              onClick={() => chosen !== null && void start(chosen)}
            >
              Import
            </Button>
          </>
        ) : (
          <EndedActions
            job={job}
            onAnother={() => {
              setJobId(null);
              setChosen(null);
            }}
            onClose={() => changeOpen(false)}
          />
        )
      }
      open={open}
      title="Import messages"
      onOpenChange={changeOpen}
    >
      {jobId !== null ? (
        <ImportProgress job={job} onCancel={() => cancel.mutate({ job_id: jobId })} />
      ) : chosen === null ? (
        <Dropzone onFile={take} />
      ) : (
        <ImportForm
          channel={channel}
          chosen={chosen}
          onChannel={setChannel}
          onChosen={setChosen}
          onClear={() => setChosen(null)}
          onFormat={(format) => take(chosen.file, format)}
        />
      )}
    </Dialog>
  );
}

function ImportProgress({ job, onCancel }: { job: Job | null; onCancel: () => void }) {
  return job === null ? <p className="muted">Starting…</p> : <JobProgress job={job} onCancel={onCancel} />;
}

function EndedActions(props: { job: Job | null; onAnother: () => void; onClose: () => void }) {
  const { job, onAnother, onClose } = props;
  const carrier = useCarrier();
  const [fetched, setFetched] = useState(false);
  if (job === null || job.state === "running") {
    return <Button onClick={onClose}>Continue in the background</Button>;
  }
  return (
    <>
      {job.file_name !== null && (
        <Button
          disabled={fetched}
          icon={Download}
          onClick={() => {
            // The host gives the file out once.
            setFetched(true);
            downloadFile(carrier, job);
          }}
        >
          Rejected rows
        </Button>
      )}
      <Button variant="ghost" onClick={onAnother}>
        Import another
      </Button>
      <Button variant="primary" onClick={onClose}>
        Close
      </Button>
    </>
  );
}
