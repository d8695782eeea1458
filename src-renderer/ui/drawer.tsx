import { X } from "lucide-react";
import { Dialog as RadixDialog } from "radix-ui";
import type { ReactNode } from "react";
import { classes } from "./classes.ts";
import styles from "./dialog.module.css";
import { IconButton } from "./icon-button.tsx";

const DEFAULT_WIDTH = 520;

export type DrawerProps = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  subtitle?: ReactNode;
  /** Buttons beside the closing one. */
  actions?: ReactNode;
  children: ReactNode;
  width?: number | undefined;
  /** False: what is behind it stays usable, and a click there does not close it. */
  modal?: boolean | undefined;
};

export function Drawer({
  open,
  onOpenChange,
  title,
  subtitle,
  actions,
  children,
  width = DEFAULT_WIDTH,
  modal = true,
}: DrawerProps) {
  return (
    <RadixDialog.Root modal={modal} open={open} onOpenChange={onOpenChange}>
      <RadixDialog.Portal>
        {modal && <RadixDialog.Overlay className={classes(styles.overlay, styles.drawerOverlay)} />}
        <RadixDialog.Content
          aria-describedby={undefined}
          className={styles.drawer}
          tabIndex={-1}
          data-modal={modal ? "" : undefined}
          style={{ width }}
          onOpenAutoFocus={(event) => {
            // On the drawer, not on its first button: its content is what one came for.
            event.preventDefault();
            if (event.currentTarget instanceof HTMLElement) event.currentTarget.focus();
          }}
          onInteractOutside={(event) => {
            if (!modal) event.preventDefault();
          }}
        >
          <div className={styles.drawerHeader}>
            <div className={styles.heading}>
              <RadixDialog.Title className={styles.title}>{title}</RadixDialog.Title>
              {subtitle && <div className={styles.subtitle}>{subtitle}</div>}
            </div>
            <div className={styles.actions}>
              {actions}
              <RadixDialog.Close asChild>
                <IconButton icon={X} label="Close" shortcut="Escape" />
              </RadixDialog.Close>
            </div>
          </div>
          <div className={styles.drawerBody}>{children}</div>
        </RadixDialog.Content>
      </RadixDialog.Portal>
    </RadixDialog.Root>
  );
}
