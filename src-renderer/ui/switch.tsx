import { Switch as RadixSwitch } from "radix-ui";
import { type ReactNode, useId } from "react";
import styles from "./toggle.module.css";

export type SwitchProps = {
  label: ReactNode;
  hideLabel?: boolean | undefined;
  hint?: ReactNode;
  checked: boolean;
  onCheckedChange: (checked: boolean) => void;
  disabled?: boolean | undefined;
};

export function Switch({
  label,
  hideLabel = false,
  hint,
  checked,
  onCheckedChange,
  disabled = false,
}: SwitchProps) {
  const id = useId();
  return (
    <div className={styles.row}>
      <RadixSwitch.Root
        aria-describedby={hint ? `${id}-hint` : undefined}
        checked={checked}
        className={styles.track}
        disabled={disabled}
        id={id}
        onCheckedChange={onCheckedChange}
      >
        <RadixSwitch.Thumb className={styles.thumb} />
      </RadixSwitch.Root>
      <div className={hideLabel ? "visually-hidden" : styles.text}>
        <label htmlFor={id}>{label}</label>
        {hint && (
          <span className={styles.hint} id={`${id}-hint`}>
            {hint}
          </span>
        )}
      </div>
    </div>
  );
}
