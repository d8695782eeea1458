import { Archive } from "lucide-react";
import { useProcedure } from "../../api/hooks.ts";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { formatBytes } from "../../ui/format.ts";
import { DataState, EmptyState, SkeletonRows } from "../../ui/states.tsx";
import { RelativeTime, Timestamp } from "../../ui/timestamp.tsx";
import styles from "./backups-card.module.css";
import { fileName } from "./file-name.ts";
import { useUpkeep } from "./upkeep-provider.tsx";

export function BackupsCard() {
  const query = useProcedure("backups.list", {});
  const upkeep = useUpkeep();

  return (
    <Card title="Backups" description="Each was verified when it was written." flush>
      <DataState query={query} loading={<SkeletonRows rows={3} />}>
        {({ backups }) =>
          backups.length === 0 ? (
            <EmptyState
              icon={Archive}
              title="No backup yet"
              description="A backup is made while records keep coming in, and verified before it counts."
              actions={<Button onClick={() => upkeep.ask("backup")}>Back up now</Button>}
            />
          ) : (
            <ul>
              {backups.map((backup) => (
                <li key={backup.file} className={styles.backup}>
                  <div className={styles.text}>
                    <p>
                      <Timestamp ts={backup.created_ts} />,{" "}
                      <span className="muted">
                        <RelativeTime ts={backup.created_ts} />, {formatBytes(backup.size_bytes)}
                      </span>
                    </p>
                    <p className={`${styles.file} mono truncate`} title={backup.file}>
                      {fileName(backup.file)}
                    </p>
                  </div>
                  <CopyButton value={backup.file} label={`Copy the path of ${fileName(backup.file)}`} />
                  <Button
                    size="sm"
                    disabled={upkeep.blocked.has("restore")}
                    aria-label={`Restore ${fileName(backup.file)}`}
                    onClick={() => upkeep.askRestore(backup)}
                  >
                    Restore…
                  </Button>
                </li>
              ))}
            </ul>
          )
        }
      </DataState>
    </Card>
  );
}
