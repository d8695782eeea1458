import { LoaderCircle, type LucideIcon } from "lucide-react";
import type { ComponentProps } from "react";
import styles from "./button.module.css";
import { classes } from "./classes.ts";

export type ButtonVariant = "primary" | "secondary" | "ghost" | "danger";
export type ButtonSize = "sm" | "md";

export type ButtonProps = ComponentProps<"button"> & {
  variant?: ButtonVariant | undefined;
  size?: ButtonSize | undefined;
  icon?: LucideIcon | undefined;
  iconAfter?: LucideIcon | undefined;
  /** Work goes on: shows it and takes no clicks, but keeps the focus. */
  busy?: boolean | undefined;
};

export function buttonClass(variant: ButtonVariant = "secondary", size: ButtonSize = "md"): string {
  return classes(styles.button, styles[variant], size === "sm" && styles.sm);
}

export function Button({
  variant = "secondary",
  size = "md",
  icon: Icon,
  iconAfter: IconAfter,
  busy = false,
  className,
  children,
  onClick,
  ...props
}: ButtonProps) {
  const iconSize = size === "sm" ? 13 : 15;
  return (
    <button
      type="button"
      {...props}
      aria-busy={busy || undefined}
      aria-disabled={busy || undefined}
      className={classes(buttonClass(variant, size), className)}
      onClick={busy ? (event) => event.preventDefault() : onClick}
    >
      {busy ? (
        <LoaderCircle aria-hidden className={styles.spinner} size={iconSize} />
      ) : (
        Icon && <Icon aria-hidden size={iconSize} />
      )}
      {children}
      {IconAfter && <IconAfter aria-hidden size={iconSize} />}
    </button>
  );
}
