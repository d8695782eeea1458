import { Progress as RadixProgress } from "radix-ui";
import { classes } from "./classes.ts";
import styles from "./progress.module.css";

export type ProgressProps = {
  /** 0 to 1; null while it can't be known. */
  value: number | null;
  label: string;
  tone?: "accent" | "success" | "danger" | "neutral" | undefined;
};

export function Progress({ value, label, tone = "accent" }: ProgressProps) {
  const percent = value === null ? null : Math.round(Math.min(1, Math.max(0, value)) * 100);
  return (
    <RadixProgress.Root aria-label={label} className={styles.bar} value={percent}>
      <RadixProgress.Indicator
        className={classes(
          styles.fill,
          tone !== "accent" && styles[tone],
          percent === null && styles.unknown,
        )}
        style={percent === null ? undefined : { width: `${percent}%` }}
      />
    </RadixProgress.Root>
  );
}
