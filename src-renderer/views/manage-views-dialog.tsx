import { Pencil, Trash2 } from "lucide-react";
import { type FormEvent, useState } from "react";
import { MAX_VIEW_NAME, type View } from "../../src-shared/contract/views.ts";
import { toErrorBody } from "../../src-shared/errors.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { IconButton } from "../ui/icon-button.tsx";
import { TextField } from "../ui/text-field.tsx";
import type { SavedViews } from "./use-saved-views.ts";
import { nameProblem } from "./view-name-dialog.tsx";
import styles from "./views.module.css";

export type ManageViewsDialogProps = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  views: SavedViews;
};

export function ManageViewsDialog({
  open,
  onOpenChange,
  views: { views, save, remove },
}: ManageViewsDialogProps) {
  const [renaming, setRenaming] = useState<string | null>(null);
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => {
        setRenaming(null);
        onOpenChange(next);
      }}
      title="Saved views"
      footer={
        <Button variant="primary" onClick={() => onOpenChange(false)}>
          Done
        </Button>
      }
    >
      {views.length === 0 ? (
        <p className="muted">No view is left.</p>
      ) : (
        <ul className={styles.list} aria-label="Saved views">
          {views.map((view) => (
            <li key={view.view_id} className={styles.line}>
              {renaming === view.view_id ? (
                <RenameForm view={view} save={save} onDone={() => setRenaming(null)} />
              ) : (
                <>
                  <span className={styles.lineText}>
                    <span className={styles.name}>{view.name}</span>
                    <code className={styles.lineQuery}>{view.q === "" ? "all messages" : view.q}</code>
                  </span>
                  <IconButton
                    icon={Pencil}
                    size="sm"
                    label={`Rename ${view.name}`}
                    onClick={() => setRenaming(view.view_id)}
                  />
                  <IconButton
                    icon={Trash2}
                    size="sm"
                    label={`Delete ${view.name}`}
                    onClick={() => void remove(view)}
                  />
                </>
              )}
            </li>
          ))}
        </ul>
      )}
    </Dialog>
  );
}

type RenameFormProps = { view: View; save: SavedViews["save"]; onDone: () => void };

function RenameForm({ view, save, onDone }: RenameFormProps) {
  const [name, setName] = useState(view.name);
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const problem = nameProblem(name);
    setError(problem);
    if (problem !== null) return;
    setBusy(true);
    try {
      await save({ ...view, name });
      onDone();
    } catch (failure) {
      setError(toErrorBody(failure).message);
      setBusy(false);
    }
  };
  return (
    <form className={styles.rename} noValidate onSubmit={(event) => void submit(event)}>
      <TextField
        autoFocus
        className={styles.renameField}
        error={error}
        hideLabel
        label={`New name of ${view.name}`}
        maxLength={MAX_VIEW_NAME}
        value={name}
        onChange={(event) => {
          setName(event.target.value);
          setError(null);
        }}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          // The dialog stays: only the new name is given up.
          event.stopPropagation();
          onDone();
        }}
      />
      <Button busy={busy} type="submit" variant="primary">
        Rename
      </Button>
      <Button variant="ghost" onClick={onDone}>
        Cancel
      </Button>
    </form>
  );
}
