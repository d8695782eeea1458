import { X } from "lucide-react";
import { Dialog as RadixDialog } from "radix-ui";
import type { ReactNode } from "react";
import { classes } from "./classes.ts";
import styles from "./dialog.module.css";
import { IconButton } from "./icon-button.tsx";
import { useReturnFocus } from "./use-return-focus.ts";

const CONTROLS = "[data-body] :is(input, button, select, textarea, a[href], [tabindex='0']), footer button";

export type DialogProps = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description?: ReactNode;
  children: ReactNode;
  footer?: ReactNode;
  size?: "sm" | "md" | "lg" | undefined;
};

export function Dialog({
  open,
  onOpenChange,
  title,
  description,
  children,
  footer,
  size = "md",
}: DialogProps) {
  const onCloseAutoFocus = useReturnFocus(open);
  return (
    <RadixDialog.Root open={open} onOpenChange={onOpenChange}>
      <RadixDialog.Portal>
        <RadixDialog.Overlay className={styles.overlay} />
        <RadixDialog.Content
          data-modal=""
          tabIndex={-1}
          onCloseAutoFocus={onCloseAutoFocus}
          onOpenAutoFocus={(event) => {
            if (!(event.currentTarget instanceof HTMLElement)) return;
            if (event.currentTarget.querySelector(CONTROLS) !== null) return;
            // Nothing but the closing button: the text is what it was opened for.
            event.preventDefault();
            event.currentTarget.focus();
          }}
          className={classes(styles.dialog, size !== "md" && styles[size])}
          {...(description ? {} : { "aria-describedby": undefined })}
        >
          <div className={styles.header}>
            <div className={styles.heading}>
              <RadixDialog.Title className={styles.title}>{title}</RadixDialog.Title>
              {description && (
                <RadixDialog.Description className={styles.description}>
                  {description}
                </RadixDialog.Description>
              )}
            </div>
          </div>
          <div className={styles.body} data-body="">
            {children}
          </div>
          {footer && <footer className={styles.footer}>{footer}</footer>}
          {/* Last, so that what the dialog is about gets the focus first. */}
          <RadixDialog.Close asChild>
            <IconButton className={styles.close} icon={X} label="Close" shortcut="Escape" />
          </RadixDialog.Close>
        </RadixDialog.Content>
      </RadixDialog.Portal>
    </RadixDialog.Root>
  );
}
