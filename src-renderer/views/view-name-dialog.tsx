import { type FormEvent, useId, useState } from "react";
import { MAX_VIEW_NAME, type View, viewNameSchema } from "../../src-shared/contract/views.ts";
import { toErrorBody } from "../../src-shared/errors.ts";
import { Button } from "../ui/button.tsx";
import { Checkbox } from "../ui/checkbox.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { TextField } from "../ui/text-field.tsx";
import { useToast } from "../ui/toast.tsx";
import type { SavedViews } from "./use-saved-views.ts";
import styles from "./views.module.css";

export type ViewNameDialogProps = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** What is kept under the name. */
  q: string;
  columns: readonly string[];
  save: SavedViews["save"];
  onSaved: (view: View) => void;
};

/** Keeps the query, and the columns where that is asked for, under a name. */
export function ViewNameDialog({ open, onOpenChange, ...props }: ViewNameDialogProps) {
  const formId = useId();
  const [busy, setBusy] = useState(false);
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      size="sm"
      title="Save as a view"
      description="Everyone who uses this ledger finds it in the menu, the sidebar and the command palette."
      footer={
        <>
          <Button variant="ghost" onClick={() => onOpenChange(false)}>
            Cancel
          </Button>
          <Button busy={busy} form={formId} type="submit" variant="primary">
            Save view
          </Button>
        </>
      }
    >
      <NameForm {...props} formId={formId} onBusy={setBusy} onDone={() => onOpenChange(false)} />
    </Dialog>
  );
}

type NameFormProps = Omit<ViewNameDialogProps, "open" | "onOpenChange"> & {
  formId: string;
  onBusy: (busy: boolean) => void;
  onDone: () => void;
};

function NameForm({ q, columns, save, onSaved, formId, onBusy, onDone }: NameFormProps) {
  const [name, setName] = useState("");
  const [withColumns, setWithColumns] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const toast = useToast();

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const problem = nameProblem(name);
    setError(problem);
    if (problem !== null) return;
    onBusy(true);
    try {
      const view = await save({ name, q, columns: withColumns ? [...columns] : null });
      onDone();
      onSaved(view);
      toast.show({ title: `View “${view.name}” saved`, tone: "success" });
    } catch (failure) {
      setError(toErrorBody(failure).message);
    } finally {
      onBusy(false);
    }
  };
  return (
    <form id={formId} className={styles.form} noValidate onSubmit={(event) => void submit(event)}>
      <TextField
        label="Name"
        maxLength={MAX_VIEW_NAME}
        value={name}
        error={error}
        onChange={(event) => {
          setName(event.target.value);
          setError(null);
        }}
      />
      <div className={styles.query}>
        <span className="muted">Query</span>
        <code className={styles.queryText}>{q === "" ? "all messages" : q}</code>
      </div>
      <Checkbox
        label="Keep the columns shown now with it"
        hint="Opening the view then shows these columns."
        checked={withColumns}
        onCheckedChange={setWithColumns}
      />
    </form>
  );
}

/** A sentence on what is wrong with a name; null where it will do. */
export function nameProblem(name: string): string | null {
  const message = viewNameSchema.safeParse(name).error?.issues[0]?.message;
  return message === undefined ? null : `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
}
