import { useProcedure } from "../../api/hooks.ts";
import { CopyButton } from "../../ui/copy-button.tsx";
import { DataState, Skeleton } from "../../ui/states.tsx";
import { SettingsSection } from "./settings-section.tsx";
import styles from "./value-line.module.css";

export function DataFolderSection() {
  const query = useProcedure("access.get", {});
  return (
    <SettingsSection
      title="Data folder"
      description="The ledger, its backups, the spool and the settings. Every Waybill program on this computer shares it."
    >
      <DataState query={query} loading={<Skeleton height={20} width={280} />}>
        {({ data_dir }) => (
          <p className={styles.line}>
            <code className={styles.value}>{data_dir}</code>
            <CopyButton value={data_dir} label="Copy the path of the data folder" />
          </p>
        )}
      </DataState>
    </SettingsSection>
  );
}
