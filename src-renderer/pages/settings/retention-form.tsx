import { useQueryClient } from "@tanstack/react-query";
import { Plus, Trash2 } from "lucide-react";
import { type FormEvent, useId, useMemo, useState } from "react";
import type { RetentionSettings } from "../../../src-shared/contract/upkeep.ts";
import { procedureKey, useMutationProcedure, useProcedure } from "../../api/hooks.ts";
import { Button } from "../../ui/button.tsx";
import { Checkbox } from "../../ui/checkbox.tsx";
import { Switch } from "../../ui/switch.tsx";
import { FieldError, TextField } from "../../ui/text-field.tsx";
import { useToast } from "../../ui/toast.tsx";
import { DeleteNow } from "./delete-now.tsx";
import { DoomedMessages } from "./doomed-messages.tsx";
import { RetentionConfirm } from "./retention-confirm.tsx";
import {
  deletesMore,
  isActive,
  MAX_RULES,
  newRule,
  type RetentionDraft,
  readDraft,
  toDraft,
} from "./retention-draft.ts";
import styles from "./retention-form.module.css";
import { RetentionMeaning } from "./retention-meaning.tsx";
import { RetentionRules } from "./retention-rules.tsx";

/** `saved` is what the host keeps to. */
export function RetentionForm({ saved }: { saved: RetentionSettings }) {
  const id = useId();
  const [edited, setEdited] = useState<RetentionDraft | null>(null);
  const [confirming, setConfirming] = useState(false);
  const [deleting, setDeleting] = useState(false);
  const toast = useToast();
  const queries = useQueryClient();
  const channels = useProcedure("messages.vocabulary", {}).data?.channels ?? [];
  const save = useMutationProcedure("settings.set", {
    onSuccess: (settings) => {
      queries.setQueryData(procedureKey("settings.get", {}), settings);
      setEdited(null);
      toast.show({ title: "Retention saved", tone: "success" });
    },
    onSettled: () => setConfirming(false),
  });

  const initial = useMemo(() => toDraft(saved), [saved]);
  const draft = edited ?? initial;
  const { retention, errors } = readDraft(draft);
  const isChanged = JSON.stringify(draft) !== JSON.stringify(initial);
  const change = (patch: Partial<RetentionDraft>) => {
    save.reset();
    setEdited({ ...draft, ...patch });
  };
  const turn = (enabled: boolean) => {
    const isBlank = draft.rules.length === 0 && draft.size === "" && draft.systemLogDays === "";
    change(enabled && isBlank ? { enabled, rules: [newRule(0)] } : { enabled });
  };
  const add = () =>
    change({ rules: [...draft.rules, newRule(1 + Math.max(-1, ...draft.rules.map((rule) => rule.id)))] });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (retention === null) return;
    if (deletesMore(retention, saved)) setConfirming(true);
    else save.mutate({ retention });
  };

  return (
    <form className={styles.form} noValidate onSubmit={submit}>
      <Switch checked={draft.enabled} label="Delete old messages once a day" onCheckedChange={turn} />
      {draft.enabled && (
        <>
          <RetentionRules
            channels={channels}
            errors={errors?.rules}
            rules={draft.rules}
            onChange={(rules) => change({ rules })}
          />
          <div>
            <Button disabled={draft.rules.length >= MAX_RULES} icon={Plus} size="sm" onClick={add}>
              Add a rule
            </Button>
          </div>
          <div className={styles.limits}>
            <TextField
              after={<span className="muted">MB</span>}
              error={errors?.size}
              inputMode="numeric"
              label="Keep the database under"
              placeholder="no limit"
              value={draft.size}
              onChange={(event) => change({ size: event.target.value })}
            />
            <TextField
              after={<span className="muted">days</span>}
              error={errors?.systemLogDays}
              inputMode="numeric"
              label="Keep system log entries for"
              placeholder="no limit"
              value={draft.systemLogDays}
              onChange={(event) => change({ systemLogDays: event.target.value })}
            />
          </div>
          <Checkbox
            checked={draft.exportFirst}
            hint="Only messages that are safely in the file are deleted. The files stay in the data folder, in exports."
            label="Export messages to a CSV file before they are deleted"
            onCheckedChange={(exportFirst) => change({ exportFirst })}
          />
        </>
      )}
      {retention !== null && <RetentionMeaning retention={retention} />}
      <FieldError error={save.error?.message} id={`${id}-error`} />
      <div className={styles.actions}>
        <Button
          busy={save.isPending}
          disabled={!isChanged || retention === null}
          type="submit"
          variant="primary"
        >
          Save
        </Button>
        {isChanged && <Button onClick={() => setEdited(null)}>Discard</Button>}
        {isActive(saved) && !isChanged && (
          <Button icon={Trash2} onClick={() => setDeleting(true)}>
            Delete now…
          </Button>
        )}
      </div>
      <DeleteNow open={deleting} retention={saved} onOpenChange={setDeleting} />
      {retention !== null && (
        <RetentionConfirm
          busy={save.isPending}
          open={confirming}
          onConfirm={() => save.mutate({ retention })}
          onOpenChange={setConfirming}
        >
          <DoomedMessages retention={retention} when="from today on, once a day" />
        </RetentionConfirm>
      )}
    </form>
  );
}
