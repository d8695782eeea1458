import { useQueryClient } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { type FormEvent, useId, useState } from "react";
import { procedureKey, useMutationProcedure } from "../../api/hooks.ts";
import { Button } from "../../ui/button.tsx";
import { FieldError, TextField } from "../../ui/text-field.tsx";
import { useToast } from "../../ui/toast.tsx";
import { DeleteNow } from "./delete-now.tsx";
import {
  isShorter,
  type Retention,
  readRetention,
  toRetention,
  USUAL_RETENTION_DAYS,
} from "./retention-days.ts";
import styles from "./retention-form.module.css";
import { RetentionMeaning } from "./retention-meaning.tsx";
import { ShorterRetentionDialog } from "./shorter-retention-dialog.tsx";

/** `saved` is what the host keeps to. */
export function RetentionForm({ saved }: { saved: number | null }) {
  const id = useId();
  const [edited, setEdited] = useState<Retention | null>(null);
  const [confirming, setConfirming] = useState<number | null>(null);
  const [deleting, setDeleting] = useState(false);
  const toast = useToast();
  const queries = useQueryClient();
  const save = useMutationProcedure("settings.set", {
    onSuccess: (settings) => {
      queries.setQueryData(procedureKey("settings.get", {}), settings);
      setEdited(null);
      toast.show({ title: "Retention saved", tone: "success" });
    },
    onSettled: () => setConfirming(null),
  });

  const draft = edited ?? toRetention(saved);
  const read = readRetention(draft);
  const isChanged = "error" in read || read.days !== saved;

  function change(next: Retention | null) {
    save.reset();
    setEdited(next);
  }

  function submit(event: FormEvent) {
    event.preventDefault();
    if ("error" in read) return;
    if (read.days !== null && isShorter(read.days, saved)) setConfirming(read.days);
    else save.mutate({ retention_days: read.days });
  }

  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      <fieldset className={styles.choices}>
        <legend className="visually-hidden">Retention</legend>
        <label className={styles.choice}>
          <input
            type="radio"
            name="retention"
            checked={draft.keep === "all"}
            onChange={() => change({ keep: "all" })}
          />
          Keep everything
        </label>
        <label className={styles.choice}>
          <input
            type="radio"
            name="retention"
            checked={draft.keep === "days"}
            onChange={() => change(toRetention(saved ?? USUAL_RETENTION_DAYS))}
          />
          Delete messages older than a number of days
        </label>
        {draft.keep === "days" && (
          <div className={styles.days}>
            <TextField
              label="Days to keep"
              inputMode="numeric"
              value={draft.text}
              onChange={(event) => change({ keep: "days", text: event.target.value })}
              error={"error" in read ? read.error : null}
              after={<span className="muted">days</span>}
            />
          </div>
        )}
      </fieldset>
      {"error" in read ? null : <RetentionMeaning days={read.days} />}
      <FieldError error={save.error?.message} id={`${id}-error`} />
      <div className={styles.actions}>
        <Button
          type="submit"
          variant="primary"
          disabled={!isChanged || "error" in read}
          busy={save.isPending}
        >
          Save
        </Button>
        {isChanged && <Button onClick={() => change(null)}>Discard</Button>}
        {saved !== null && !isChanged && (
          <Button icon={Trash2} onClick={() => setDeleting(true)}>
            Delete now…
          </Button>
        )}
      </div>
      {saved !== null && <DeleteNow days={saved} open={deleting} onOpenChange={setDeleting} />}
      <ShorterRetentionDialog
        days={confirming}
        busy={save.isPending}
        onClose={() => setConfirming(null)}
        onConfirm={(confirmed) => save.mutate({ retention_days: confirmed })}
      />
    </form>
  );
}
