import { Switch } from "../../ui/switch.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { SinkInUse } from "./sink-in-use.tsx";
import styles from "./sync-form.module.css";
import type { SyncFieldsProps } from "./sync-form.tsx";

export function SupabaseFields({ draft, change, text, isSaved }: SyncFieldsProps) {
  return (
    <fieldset className={styles.sink}>
      <legend className={styles.legend}>Supabase</legend>
      <Switch
        checked={draft.supabase}
        label="Forward to Supabase"
        hint="Needs SUPABASE_KEY in the environment, and the project's address, from there (SUPABASE_URL) or from here."
        onCheckedChange={(supabase) => change({ supabase })}
      />
      {draft.supabase && (
        <>
          <div className={styles.fields}>
            <TextField {...text("url", "Project address", "https://project.supabase.co")} type="url" />
            <TextField {...text("supabase_ca_file", "Authority (PEM file)", "the system's")} />
          </div>
          <Switch
            checked={draft.reconcile_nightly}
            label="Compare with the ledger every night"
            hint="At 3 o'clock; what is missing or differs is sent again."
            onCheckedChange={(reconcile_nightly) => change({ reconcile_nightly })}
          />
        </>
      )}
      <SinkInUse sink="supabase" isSaved={isSaved} />
    </fieldset>
  );
}
