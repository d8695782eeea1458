import { Dialog } from "radix-ui";
import { useRef, useState } from "react";
import { ImportDialog } from "../pages/welcome/import-dialog.tsx";
import styles from "./command-palette.module.css";
import { PaletteBody } from "./palette-body.tsx";

type CommandPaletteProps = { open: boolean; onOpenChange: (open: boolean) => void };

/** Ctrl/Cmd K: every page, search and action by name. Mounted while it is open. */
export function CommandPalette({ open, onOpenChange }: CommandPaletteProps) {
  const [importing, setImporting] = useState(false);
  const [focusedBefore] = useState(() => document.activeElement);
  const afterClose = useRef<(() => void) | null>(null);

  // The palette's owner holds one switch: the import takes the palette's place under it.
  if (importing) return <ImportDialog open={open} onOpenChange={onOpenChange} />;

  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className={styles.overlay} />
        <Dialog.Content
          className={styles.palette}
          aria-describedby={undefined}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            if (focusedBefore instanceof HTMLElement) focusedBefore.focus({ preventScroll: true });
            // Last: what was chosen may move the focus on.
            afterClose.current?.();
          }}
        >
          <Dialog.Title className="visually-hidden">Command palette</Dialog.Title>
          <PaletteBody
            onImport={() => setImporting(true)}
            onRun={(run) => {
              afterClose.current = run;
              onOpenChange(false);
            }}
          />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
