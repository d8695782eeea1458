import { Popover as RadixPopover } from "radix-ui";
import type { ReactElement, ReactNode } from "react";
import styles from "./menu.module.css";

export type PopoverProps = {
  trigger: ReactElement;
  label: string;
  open?: boolean | undefined;
  onOpenChange?: ((open: boolean) => void) | undefined;
  align?: "start" | "center" | "end" | undefined;
  children: ReactNode;
  width?: number | undefined;
};

export function Popover({
  trigger,
  label,
  open,
  onOpenChange,
  align = "start",
  children,
  width,
}: PopoverProps) {
  return (
    <RadixPopover.Root
      {...(open === undefined ? {} : { open })}
      {...(onOpenChange === undefined ? {} : { onOpenChange })}
    >
      <RadixPopover.Trigger asChild>{trigger}</RadixPopover.Trigger>
      <RadixPopover.Portal>
        <RadixPopover.Content
          align={align}
          aria-label={label}
          className={styles.popover}
          collisionPadding={8}
          sideOffset={4}
          style={{ width }}
        >
          {children}
        </RadixPopover.Content>
      </RadixPopover.Portal>
    </RadixPopover.Root>
  );
}
