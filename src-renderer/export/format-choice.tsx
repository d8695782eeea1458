import { RadioGroup } from "radix-ui";
import type { ReportFormat } from "../../src-shared/contract/upkeep.ts";
import styles from "./export-dialog.module.css";
import { formatAbout, formatName } from "./formats.ts";

export type FormatChoiceProps = {
  formats: readonly ReportFormat[];
  value: ReportFormat;
  onValueChange: (format: ReportFormat) => void;
};

export function FormatChoice({ formats, value, onValueChange }: FormatChoiceProps) {
  return (
    <RadioGroup.Root
      aria-label="Format"
      className={styles.choices}
      value={value}
      onValueChange={(next) => {
        const chosen = formats.find((format) => format === next);
        if (chosen !== undefined) onValueChange(chosen);
      }}
    >
      {formats.map((format) => (
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
