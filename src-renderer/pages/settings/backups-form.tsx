import { useQueryClient } from "@tanstack/react-query";
import { type ComponentProps, type FormEvent, useId, useState } from "react";
import type { BackupSettings } from "../../../src-shared/contract/upkeep.ts";
import { procedureKey, useMutationProcedure } from "../../api/hooks.ts";
import { Button } from "../../ui/button.tsx";
import { Switch } from "../../ui/switch.tsx";
import { FieldError, TextField } from "../../ui/text-field.tsx";
import { useToast } from "../../ui/toast.tsx";
import { type BackupsDraft, describeBackups, readDraft, toDraft } from "./backups-draft.ts";
import styles from "./retention-form.module.css";

const UNITS = {
  every_hours: "hours",
  keep_hourly: "hours",
  keep_daily: "days",
  keep_weekly: "weeks",
} as const;

/** `saved` is what the host keeps to. */
export function BackupsForm({ saved }: { saved: BackupSettings }) {
  const id = useId();
  const [edited, setEdited] = useState<BackupsDraft | null>(null);
  const toast = useToast();
  const queries = useQueryClient();
  const save = useMutationProcedure("settings.set", {
    onSuccess: (settings) => {
      queries.setQueryData(procedureKey("settings.get", {}), settings);
      setEdited(null);
      toast.show({ title: "Backup schedule saved", tone: "success" });
    },
  });
  const draft = edited ?? toDraft(saved);
  const { backups, errors } = readDraft(draft);
  const isChanged = JSON.stringify(draft) !== JSON.stringify(toDraft(saved));
  const change = (patch: Partial<BackupsDraft>) => {
    save.reset();
    setEdited({ ...draft, ...patch });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (backups !== null) save.mutate({ backups });
  };
  const number = (field: keyof typeof UNITS, label: string): ComponentProps<typeof TextField> => ({
    after: <span className="muted">{UNITS[field]}</span>,
    error: errors?.[field],
    inputMode: "numeric",
    label,
    value: draft[field],
    onChange: (event) => change({ [field]: event.target.value }),
  });
  return (
    <form className={styles.form} noValidate onSubmit={submit}>
      <Switch
        checked={draft.enabled}
        label="Back up on a schedule"
        onCheckedChange={(enabled) => change({ enabled })}
      />
      {draft.enabled && (
        <>
          <div className={styles.limits}>
            <TextField {...number("every_hours", "Every")} />
            <TextField {...number("keep_hourly", "Keep hourly ones")} />
            <TextField {...number("keep_daily", "Keep daily ones")} />
            <TextField {...number("keep_weekly", "Keep weekly ones")} />
          </div>
          <TextField
            error={errors?.directory}
            hint="A folder on another disk survives the loss of this one. Empty for backups in the data folder."
            label="Folder"
            placeholder="backups in the data folder"
            value={draft.directory}
            onChange={(event) => change({ directory: event.target.value })}
          />
        </>
      )}
      {backups !== null && (
        <p className={backups.enabled ? styles.meaning : "muted"}>{describeBackups(backups)}</p>
      )}
      <FieldError error={save.error?.message} id={`${id}-error`} />
      <div className={styles.actions}>
        <Button
          busy={save.isPending}
          disabled={!isChanged || backups === null}
          type="submit"
          variant="primary"
        >
          Save
        </Button>
        {isChanged && <Button onClick={() => setEdited(null)}>Discard</Button>}
      </div>
    </form>
  );
}
