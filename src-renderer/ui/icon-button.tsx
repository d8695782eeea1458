import type { LucideIcon } from "lucide-react";
import type { ComponentProps } from "react";
import styles from "./button.module.css";
import { type ButtonSize, buttonClass } from "./button.tsx";
import { classes } from "./classes.ts";
import { Kbd } from "./kbd.tsx";
import { Tooltip } from "./tooltip.tsx";

export type IconButtonProps = Omit<ComponentProps<"button">, "children"> & {
  icon: LucideIcon;
  /** The name, for the tooltip and for who does not see the icon. */
  label: string;
  /** Shown in the tooltip, such as `mod+k`. */
  shortcut?: string | undefined;
  variant?: "ghost" | "secondary" | undefined;
  size?: ButtonSize | undefined;
  pressed?: boolean | undefined;
};

export function IconButton({
  icon: Icon,
  label,
  shortcut,
  variant = "ghost",
  size = "md",
  pressed,
  className,
  ...props
}: IconButtonProps) {
  return (
    <Tooltip
      content={
        <>
          {label} {shortcut && <Kbd keys={shortcut} />}
        </>
      }
    >
      <button
        type="button"
        {...props}
        aria-label={label}
        aria-pressed={pressed}
        className={classes(buttonClass(variant, size), styles.iconOnly, className)}
      >
        <Icon aria-hidden size={size === "sm" ? 14 : 16} />
      </button>
    </Tooltip>
  );
}
