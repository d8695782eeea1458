import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import type { Status } from "../../src-shared/status.ts";
import styles from "./badge.module.css";
import { classes } from "./classes.ts";
import { statusMeta } from "./status-meta.ts";

export type Tone = "neutral" | "success" | "warning" | "danger" | "info" | "accent";

export type BadgeProps = { tone?: Tone | undefined; icon?: LucideIcon | undefined; children: ReactNode };

export function Badge({ tone = "neutral", icon: Icon, children }: BadgeProps) {
  return (
    <span className={classes(styles.badge, styles[tone])}>
      {Icon && <Icon aria-hidden size={12} />}
      {children}
    </span>
  );
}

export function StatusBadge({ status }: { status: Status }) {
  const { label, icon: Icon, textColour, softColour } = statusMeta(status);
  return (
    <span className={styles.badge} style={{ background: softColour, color: textColour }}>
      <Icon aria-hidden size={12} />
      {label}
    </span>
  );
}

/** The icon alone, with the status as its name. */
export function StatusIcon({ status, size = 14 }: { status: Status; size?: number }) {
  const { label, icon: Icon, textColour } = statusMeta(status);
  return <Icon aria-label={label} role="img" size={size} style={{ color: textColour }} />;
}
