import { useQueryClient } from "@tanstack/react-query";
import { type ComponentProps, type FormEvent, useId, useState } from "react";
import type { SyncSettings } from "../../../src-shared/contract/sync-settings.ts";
import { procedureKey, useInvalidate, useMutationProcedure } from "../../api/hooks.ts";
import { Button } from "../../ui/button.tsx";
import { Switch } from "../../ui/switch.tsx";
import { FieldError, TextField } from "../../ui/text-field.tsx";
import { useToast } from "../../ui/toast.tsx";
import { RabbitMqFields } from "./rabbitmq-fields.tsx";
import { SupabaseFields } from "./supabase-fields.tsx";
import { readSyncDraft, type SyncDraft, toSyncDraft } from "./sync-draft.ts";
import styles from "./sync-form.module.css";

type TextKey = {
  [K in keyof SyncDraft]: SyncDraft[K] extends string ? (string extends SyncDraft[K] ? K : never) : never;
}[keyof SyncDraft];

/** What the fields of a sink need of the form around them. */
export type SyncFieldsProps = {
  draft: SyncDraft;
  change: (patch: Partial<SyncDraft>) => void;
  text: (field: TextKey, label: string, placeholder?: string) => ComponentProps<typeof TextField>;
  /** A test tries what is saved. */
  isSaved: boolean;
};

/** `saved` is what the host keeps to. */
export function SyncForm({ saved }: { saved: SyncSettings }) {
  const id = useId();
  const [edited, setEdited] = useState<SyncDraft | null>(null);
  const toast = useToast();
  const queries = useQueryClient();
  const invalidate = useInvalidate();
  const save = useMutationProcedure("settings.set", {
    onSuccess: (settings) => {
      queries.setQueryData(procedureKey("settings.get", {}), settings);
      invalidate("sync.status");
      setEdited(null);
      toast.show({ title: "Forwarding saved", tone: "success" });
    },
  });
  const initial = toSyncDraft(saved);
  const draft = edited ?? initial;
  const { sync, errors } = readSyncDraft(draft);
  const isChanged = JSON.stringify(draft) !== JSON.stringify(initial);
  const change = (patch: Partial<SyncDraft>) => {
    save.reset();
    setEdited({ ...draft, ...patch });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (sync !== null) save.mutate({ sync });
  };
  const fields: SyncFieldsProps = {
    draft,
    change,
    isSaved: !isChanged,
    text: (field, label, placeholder = "") => ({
      label,
      placeholder,
      error: errors?.[field],
      value: draft[field],
      onChange: (event) => change({ [field]: event.target.value }),
    }),
  };
  return (
    <form className={styles.form} noValidate onSubmit={submit}>
      <RabbitMqFields {...fields} />
      <SupabaseFields {...fields} />
      <TextField
        {...fields.text("behind_warning", "Warn when a sink is behind by more than")}
        after={<span className="muted">changes</span>}
        className={styles.short}
        inputMode="numeric"
      />
      <Switch
        checked={draft.delete_unsent}
        label="Let retention delete what a sink has not had"
        hint={
          draft.delete_unsent
            ? "Messages that are old enough are deleted also while a sink is out of reach: it never gets them."
            : "Messages are kept until every sink has had them, however old they are."
        }
        onCheckedChange={(delete_unsent) => change({ delete_unsent })}
      />
      <FieldError error={save.error?.message} id={`${id}-error`} />
      <div className={styles.actions}>
        <Button busy={save.isPending} disabled={!isChanged || sync === null} type="submit" variant="primary">
          Save
        </Button>
        {isChanged && <Button onClick={() => setEdited(null)}>Discard</Button>}
      </div>
    </form>
  );
}
