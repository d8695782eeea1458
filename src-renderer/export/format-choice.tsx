import { RadioGroup } from "radix-ui";
import type { ExportFormat } from "../../src-shared/contract/upkeep.ts";
import styles from "./export-dialog.module.css";
import { FORMATS, formatAbout, formatName, isFormat } from "./formats.ts";

export type FormatChoiceProps = { value: ExportFormat; onValueChange: (format: ExportFormat) => void };

export function FormatChoice({ value, onValueChange }: FormatChoiceProps) {
  return (
    <RadioGroup.Root
      aria-label="Format"
      className={styles.choices}
      value={value}
      onValueChange={(next) => isFormat(next) && onValueChange(next)}
    >
      {FORMATS.map((format) => (
        <RadioGroup.Item
          aria-describedby={`format-${format}`}
          aria-labelledby={`format-${format}-name`}
          className={styles.choice}
          key={format}
          value={format}
        >
          <span aria-hidden className={styles.dot} />
          <span className={styles.name} id={`format-${format}-name`}>
            {formatName(format)}
          </span>
          <span className={styles.about} id={`format-${format}`}>
            {formatAbout(format)}
          </span>
        </RadioGroup.Item>
      ))}
    </RadioGroup.Root>
  );
}
