import { Dialog } from "radix-ui";
import { Logo } from "./logo.tsx";
import styles from "./mobile-navigation.module.css";
import { Destinations } from "./sidebar.tsx";

export type MobileNavigationProps = { open: boolean; onOpenChange: (open: boolean) => void };

export function MobileNavigation({ open, onOpenChange }: MobileNavigationProps) {
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className={styles.overlay} />
        <Dialog.Content aria-describedby={undefined} className={styles.panel} data-modal="">
          <Dialog.Title className={styles.title}>
            <Logo size={24} /> Waybill
          </Dialog.Title>
          <nav aria-label="Main">
            <Destinations onGo={() => onOpenChange(false)} />
          </nav>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
