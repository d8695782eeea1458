import type { LucideIcon } from "lucide-react";
import { ToggleGroup } from "radix-ui";
import type { ButtonSize } from "./button.tsx";
import { classes } from "./classes.ts";
import styles from "./tabs.module.css";

export type Segment = {
  value: string;
  label: string;
  icon?: LucideIcon | undefined;
  iconOnly?: boolean | undefined;
};

export type SegmentedControlProps = {
  label: string;
  value: string;
  onValueChange: (value: string) => void;
  options: readonly Segment[];
  size?: ButtonSize | undefined;
};

/** One of a few, always one. Arrow keys move, Enter or Space chooses. */
export function SegmentedControl({
  label,
  value,
  onValueChange,
  options,
  size = "md",
}: SegmentedControlProps) {
  return (
    <ToggleGroup.Root
      aria-label={label}
      className={classes(styles.segments, size === "sm" && styles.sm)}
      type="single"
      value={value}
      // A click on the chosen one would leave none.
      onValueChange={(next) => next !== "" && onValueChange(next)}
    >
      {options.map((option) => (
        <ToggleGroup.Item
          aria-label={option.iconOnly ? option.label : undefined}
          className={styles.segment}
          key={option.value}
          title={option.iconOnly ? option.label : undefined}
          value={option.value}
        >
          {option.icon && <option.icon aria-hidden size={14} />}
          {!option.iconOnly && option.label}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  );
}
