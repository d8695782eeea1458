import { Check, type LucideIcon } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import type { ReactElement, ReactNode } from "react";
import { classes } from "./classes.ts";
import { Kbd } from "./kbd.tsx";
import styles from "./menu.module.css";

export type MenuProps = {
  trigger: ReactElement;
  /** Where the trigger's own name does not say what the menu holds. */
  label?: string | undefined;
  align?: "start" | "center" | "end" | undefined;
  children: ReactNode;
};

export function Menu({ trigger, label, align = "end", children }: MenuProps) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align={align}
          className={styles.menu}
          collisionPadding={8}
          sideOffset={4}
          {...(label === undefined ? {} : { "aria-label": label, "aria-labelledby": undefined })}
        >
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

export type MenuItemProps = {
  icon?: LucideIcon | undefined;
  shortcut?: string | undefined;
  danger?: boolean | undefined;
  disabled?: boolean | undefined;
  /** Under the text, quieter and on one line. */
  note?: string | undefined;
  onSelect: () => void;
  children: ReactNode;
};

export function MenuItem({
  icon: Icon,
  shortcut,
  note,
  danger,
  disabled = false,
  onSelect,
  children,
}: MenuItemProps) {
  return (
    <DropdownMenu.Item
      className={classes(styles.item, danger && styles.danger)}
      disabled={disabled}
      onSelect={onSelect}
    >
      {Icon && <Icon aria-hidden size={15} />}
      <span className={styles.text}>
        {children}
        {note !== undefined && <span className={styles.note}>{note}</span>}
      </span>
      {shortcut && <Kbd keys={shortcut} />}
    </DropdownMenu.Item>
  );
}

export type MenuCheckboxItemProps = {
  checked: boolean;
  onCheckedChange: (checked: boolean) => void;
  disabled?: boolean | undefined;
  children: ReactNode;
};

/** Stays open, so that several can be changed at once. */
export function MenuCheckboxItem({
  checked,
  onCheckedChange,
  disabled = false,
  children,
}: MenuCheckboxItemProps) {
  return (
    <DropdownMenu.CheckboxItem
      checked={checked}
      className={styles.item}
      disabled={disabled}
      onCheckedChange={onCheckedChange}
      onSelect={(event) => event.preventDefault()}
    >
      <span className={styles.mark}>
        <DropdownMenu.ItemIndicator>
          <Check aria-hidden size={14} />
        </DropdownMenu.ItemIndicator>
      </span>
      <span className={styles.text}>{children}</span>
    </DropdownMenu.CheckboxItem>
  );
}

export function MenuSeparator() {
  return <DropdownMenu.Separator className={styles.separator} />;
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return <DropdownMenu.Label className={styles.label}>{children}</DropdownMenu.Label>;
}
