import { RadioGroup } from "radix-ui";
import type { Backup } from "../../../src-shared/contract/upkeep.ts";
import { formatBytes } from "../../ui/format.ts";
import { RelativeTime, Timestamp } from "../../ui/timestamp.tsx";
import styles from "./backup-choice.module.css";
import { fileName } from "./file-name.ts";

type BackupChoiceProps = { backups: readonly Backup[]; file: string; onFile: (file: string) => void };

export function BackupChoice({ backups, file, onFile }: BackupChoiceProps) {
  return (
    <RadioGroup.Root className={styles.choices} value={file} onValueChange={onFile} aria-label="Backup">
      {backups.map((backup) => (
        <RadioGroup.Item key={backup.file} value={backup.file} className={styles.choice}>
          <span className={styles.dot} aria-hidden>
            <RadioGroup.Indicator className={styles.mark} />
          </span>
          <span className={styles.text}>
            <span>
              <Timestamp ts={backup.created_ts} />,{" "}
              <span className="muted">
                <RelativeTime ts={backup.created_ts} />
              </span>
            </span>
            <span className={`${styles.file} mono truncate`}>{fileName(backup.file)}</span>
          </span>
          <span className="tabular">{formatBytes(backup.size_bytes)}</span>
        </RadioGroup.Item>
      ))}
    </RadioGroup.Root>
  );
}
