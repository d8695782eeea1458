import { type FormEvent, useId, useState } from "react";
import type { SinkName } from "../../../src-shared/contract/sync-counts.ts";
import { HOUR_MS } from "../../../src-shared/time.ts";
import { useInvalidate, useMutationProcedure } from "../../api/hooks.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { plural } from "../../ui/format.ts";
import { FieldError, TextField } from "../../ui/text-field.tsx";
import { useToast } from "../../ui/toast.tsx";
import { SINK_TITLES } from "./sink-meta.ts";
import styles from "./sync.module.css";

const MEANING: Readonly<Record<SinkName, string>> = {
  rabbitmq:
    "For a queue that was deleted or emptied by mistake. What is still there comes twice: consumers tell it by its message_id.",
  supabase: "For rows that were deleted or changed there. Rows that are right stay as they are.",
};

/** Sends what was accepted in a period once more. */
export function ResendDialog({ sink, onClose }: { sink: SinkName; onClose: () => void }) {
  const id = useId();
  const toast = useToast();
  const invalidate = useInvalidate();
  const [from, setFrom] = useState(() => localInput(Date.now() - HOUR_MS));
  const [to, setTo] = useState("");
  const resend = useMutationProcedure("sync.resend", {
    onSuccess: ({ changes }) => {
      toast.show({ title: `${plural(changes, "change")} on the way once more`, tone: "success" });
      invalidate("sync.status");
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (from === "") return;
    resend.mutate({
      sink,
      from: new Date(from).toISOString(),
      to: to === "" ? null : new Date(to).toISOString(),
    });
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
          <Button form={id} type="submit" variant="primary" busy={resend.isPending} disabled={from === ""}>
            Send again
          </Button>
        </>
      }
    >
      <form id={id} className={styles.form} onSubmit={submit}>
        <TextField
          label="Accepted from"
          type="datetime-local"
          step={1}
          required
          value={from}
          onChange={(event) => setFrom(event.target.value)}
        />
        <TextField
          label="To"
          hint="Empty for now."
          type="datetime-local"
          step={1}
          value={to}
          onChange={(event) => setTo(event.target.value)}
        />
        <FieldError error={resend.error?.message} id={`${id}-error`} />
      </form>
    </Dialog>
  );
}

/** A moment as the field for local times writes it. */
function localInput(ms: number): string {
  const local = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19);
}
