import { CircleAlert, type LucideIcon } from "lucide-react";
import { type ComponentProps, type ReactNode, useId } from "react";
import type { ButtonSize } from "./button.tsx";
import { classes } from "./classes.ts";
import styles from "./field.module.css";

export type TextFieldProps = Omit<ComponentProps<"input">, "size"> & {
  label: string;
  hideLabel?: boolean | undefined;
  hint?: ReactNode;
  error?: string | null | undefined;
  icon?: LucideIcon | undefined;
  size?: ButtonSize | undefined;
  /** Inside of the field, at its end: a unit, a button. */
  after?: ReactNode;
};

export function TextField({
  label,
  hideLabel = false,
  hint,
  error,
  icon: Icon,
  size = "md",
  after,
  className,
  ...props
}: TextFieldProps) {
  const made = useId();
  const id = props.id ?? made;
  const describedBy = [error ? `${id}-error` : null, hint ? `${id}-hint` : null].filter(Boolean).join(" ");
  return (
    <div className={classes(styles.field, className)}>
      <label className={hideLabel ? "visually-hidden" : styles.label} htmlFor={id}>
        {label}
      </label>
      <div className={classes(styles.control, size === "sm" && styles.sm)} data-invalid={Boolean(error)}>
        {Icon && <Icon aria-hidden size={15} />}
        <input
          autoComplete="off"
          spellCheck={false}
          {...props}
          aria-describedby={describedBy || undefined}
          aria-invalid={error ? true : undefined}
          className={styles.input}
          id={id}
        />
        {after}
      </div>
      {hint && (
        <p className={styles.hint} id={`${id}-hint`}>
          {hint}
        </p>
      )}
      <FieldError error={error} id={`${id}-error`} />
    </div>
  );
}

export function FieldError({ error, id }: { error: string | null | undefined; id: string }) {
  if (!error) return null;
  return (
    <p className={styles.error} id={id} role="alert">
      <CircleAlert aria-hidden size={13} />
      {error}
    </p>
  );
}
