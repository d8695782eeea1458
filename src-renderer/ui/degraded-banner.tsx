import { CircleX, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { classes } from "./classes.ts";
import styles from "./degraded-banner.module.css";

export type DegradedBannerProps = {
  tone: "warning" | "danger";
  title: string;
  children?: ReactNode;
  action?: ReactNode;
};

/** Over every page while the host is not as it should be. */
export function DegradedBanner({ tone, title, children, action }: DegradedBannerProps) {
  const Icon = tone === "danger" ? CircleX : TriangleAlert;
  return (
    <div className={classes(styles.banner, styles[tone])} role="status">
      <Icon aria-hidden size={16} />
      <p className={styles.text}>
        <span className={styles.title}>{title}</span> {children}
      </p>
      {action}
    </div>
  );
}
