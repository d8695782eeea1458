import type { LucideIcon } from "lucide-react";
import type { ComponentProps } from "react";
import { Link as WouterLink } from "wouter";
import { type ButtonSize, type ButtonVariant, buttonClass } from "./button.tsx";
import { classes } from "./classes.ts";
import styles from "./link.module.css";

type AnchorProps = Omit<ComponentProps<"a">, "href"> & { href: string };

/** A link within Waybill. */
export function Link({ className, ...props }: AnchorProps) {
  return <WouterLink {...props} className={classes(styles.link, className)} />;
}

/** A link that looks like a button, for going somewhere rather than doing something. */
export function LinkButton({
  variant,
  size,
  icon: Icon,
  className,
  children,
  ...props
}: AnchorProps & { variant?: ButtonVariant; size?: ButtonSize; icon?: LucideIcon }) {
  return (
    <WouterLink {...props} className={classes(buttonClass(variant, size), className)}>
      {Icon && <Icon aria-hidden size={size === "sm" ? 13 : 15} />}
      {children}
    </WouterLink>
  );
}
