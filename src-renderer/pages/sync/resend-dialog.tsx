import { type FormEvent, useId, useState } from "react";
import { SINK_TITLES, type SinkName } from "../../../src-shared/contract/sync-counts.ts";
import { plural } from "../../../src-shared/plural.ts";
import { HOUR_MS } from "../../../src-shared/time.ts";
import { useInvalidate, useMutationProcedure } from "../../api/hooks.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { FieldError, TextField } from "../../ui/text-field.tsx";
import { useToast } from "../../ui/toast.tsx";
import styles from "./resend-dialog.module.css";
import { localInput, readPeriodDraft } from "./resend-period.ts";

const MEANING: Readonly<Record<SinkName, string>> = {
  rabbitmq:
    "For a queue that was deleted or emptied by mistake. What is there already comes a second time: consumers that look at message_id know it, others handle it twice.",
  supabase:
    "For rows that were deleted there. A row that is right stays as it is, and nothing comes twice. “Compare now” finds by itself what is missing.",
};

/** Sends what was accepted in a period once more. */
export function ResendDialog({ sink, onClose }: { sink: SinkName; onClose: () => void }) {
  const id = useId();
  const toast = useToast();
  const invalidate = useInvalidate();
  const [draft, setDraft] = useState(() => ({ from: localInput(Date.now() - HOUR_MS), to: "" }));
  const { period, errors } = readPeriodDraft(draft, Date.now());
  const resend = useMutationProcedure("sync.resend", {
    onSuccess: ({ changes }) => {
      toast.show(
        changes === 0
          ? { title: "Nothing was accepted in that period" }
          : { title: `${plural(changes, "change")} on the way once more`, tone: "success" },
      );
      invalidate("sync.status");
      onClose();
    },
  });
  const change = (patch: Partial<typeof draft>) => {
    resend.reset();
    setDraft({ ...draft, ...patch });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (period !== null) resend.mutate({ sink, ...period });
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={`Send a period to ${SINK_TITLES[sink]} again`}
      description={MEANING[sink]}
      footer={
        <>
          <Button variant="ghost" onClick={onClose}>
            Cancel
          </Button>
          <Button
            form={id}
            type="submit"
            variant="primary"
            busy={resend.isPending}
            disabled={period === null}
          >
            Send again
          </Button>
        </>
      }
    >
      <form id={id} className={styles.form} noValidate onSubmit={submit}>
        <TextField
          label="Accepted from"
          type="datetime-local"
          step={1}
          error={errors?.from}
          value={draft.from}
          onChange={(event) => change({ from: event.target.value })}
        />
        <TextField
          label="Until"
          hint="Empty for now."
          type="datetime-local"
          step={1}
          error={errors?.to}
          value={draft.to}
          onChange={(event) => change({ to: event.target.value })}
        />
        <div className={styles.error}>
          <FieldError error={resend.error?.message} id={`${id}-error`} />
        </div>
      </form>
    </Dialog>
  );
}
