import { AlertDialog } from "radix-ui";
import { type ReactNode, useState } from "react";
import { Button } from "./button.tsx";
import { classes } from "./classes.ts";
import styles from "./dialog.module.css";
import { TextField } from "./text-field.tsx";
import { useReturnFocus } from "./use-return-focus.ts";

export type ConfirmDialogProps = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description: ReactNode;
  confirmLabel: string;
  danger?: boolean | undefined;
  busy?: boolean | undefined;
  /** The dialog stays open: the caller closes it, at once or when the work is done. */
  onConfirm: () => void;
  /** A word to type first, for what can't be undone. */
  typed?: string | undefined;
};

export function ConfirmDialog(props: ConfirmDialogProps) {
  const onCloseAutoFocus = useReturnFocus(props.open);
  return (
    <AlertDialog.Root open={props.open} onOpenChange={props.onOpenChange}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className={styles.overlay} />
        <AlertDialog.Content
          data-modal=""
          className={classes(styles.dialog, styles.sm)}
          onCloseAutoFocus={onCloseAutoFocus}
        >
          <Question {...props} />
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}

function Question({ title, description, confirmLabel, danger, busy, onConfirm, typed }: ConfirmDialogProps) {
  const [word, setWord] = useState("");
  const isReady = typed === undefined || word.trim() === typed;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady && !busy) onConfirm();
      }}
    >
      <header className={styles.header}>
        <AlertDialog.Title className={styles.title}>{title}</AlertDialog.Title>
      </header>
      <div className={styles.body}>
        <AlertDialog.Description asChild>
          <div className="muted">{description}</div>
        </AlertDialog.Description>
        {typed !== undefined && (
          <div style={{ marginTop: "var(--space-4)" }}>
            <TextField
              label={`Type “${typed}” to go on`}
              value={word}
              onChange={(event) => setWord(event.target.value)}
            />
          </div>
        )}
      </div>
      <footer className={styles.footer}>
        <AlertDialog.Cancel asChild>
          <Button variant="ghost">Cancel</Button>
        </AlertDialog.Cancel>
        <Button busy={busy} disabled={!isReady} type="submit" variant={danger ? "danger" : "primary"}>
          {confirmLabel}
        </Button>
      </footer>
    </form>
  );
}
