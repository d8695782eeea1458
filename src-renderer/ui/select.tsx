import { Check, ChevronDown, type LucideIcon } from "lucide-react";
import { Select as RadixSelect } from "radix-ui";
import { useId } from "react";
import type { ButtonSize } from "./button.tsx";
import { classes } from "./classes.ts";
import styles from "./field.module.css";
import { FieldError } from "./text-field.tsx";

export type SelectOption = {
  value: string;
  label: string;
  icon?: LucideIcon | undefined;
  disabled?: boolean | undefined;
};

export type SelectProps = {
  label: string;
  hideLabel?: boolean | undefined;
  value: string;
  onValueChange: (value: string) => void;
  options: readonly SelectOption[];
  size?: ButtonSize | undefined;
  error?: string | null | undefined;
  disabled?: boolean | undefined;
  className?: string | undefined;
};

/** Radix keeps "" for "nothing chosen"; here it is a value like any other. */
const EMPTY = " ";
const inward = (value: string) => (value === "" ? EMPTY : value);
const outward = (value: string) => (value === EMPTY ? "" : value);

export function Select({
  label,
  hideLabel = false,
  value,
  onValueChange,
  options,
  size = "md",
  error,
  disabled = false,
  className,
}: SelectProps) {
  const id = useId();
  return (
    <div className={classes(styles.field, className)}>
      <span className={hideLabel ? "visually-hidden" : styles.label} id={`${id}-label`}>
        {label}
      </span>
      <RadixSelect.Root
        disabled={disabled}
        value={inward(value)}
        onValueChange={(next) => onValueChange(outward(next))}
      >
        <RadixSelect.Trigger
          aria-describedby={error ? `${id}-error` : undefined}
          aria-labelledby={`${id}-label ${id}`}
          className={classes(styles.control, styles.trigger, size === "sm" && styles.sm)}
          data-invalid={Boolean(error)}
          id={id}
        >
          <RadixSelect.Value />
          <ChevronDown aria-hidden size={14} />
        </RadixSelect.Trigger>
        <RadixSelect.Portal>
          <RadixSelect.Content
            className={styles.options}
            position="popper"
            sideOffset={4}
            collisionPadding={8}
          >
            <RadixSelect.Viewport>
              {options.map((option) => (
                <RadixSelect.Item
                  className={styles.option}
                  disabled={option.disabled ?? false}
                  key={option.value}
                  value={inward(option.value)}
                >
                  {option.icon && <option.icon aria-hidden size={14} />}
                  <RadixSelect.ItemText>{option.label}</RadixSelect.ItemText>
                  <RadixSelect.ItemIndicator className={styles.chosen}>
                    <Check aria-hidden size={14} />
                  </RadixSelect.ItemIndicator>
                </RadixSelect.Item>
              ))}
            </RadixSelect.Viewport>
          </RadixSelect.Content>
        </RadixSelect.Portal>
      </RadixSelect.Root>
      <FieldError error={error} id={`${id}-error`} />
    </div>
  );
}
