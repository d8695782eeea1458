import { Archive } from "lucide-react";
import { useState } from "react";
import type { Backup } from "../../../src-shared/contract/upkeep.ts";
import { useProcedure } from "../../api/hooks.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { DataState, EmptyState, SkeletonRows } from "../../ui/states.tsx";
import { BackupChoice } from "./backup-choice.tsx";

type RestoreDialogProps = { open: boolean; onClose: () => void; onChoose: (backup: Backup) => void };

export function RestoreDialog({ open, onClose, onChoose }: RestoreDialogProps) {
  const query = useProcedure("backups.list", {}, { enabled: open });
  const [file, setFile] = useState<string | null>(null);
  const backups = query.data?.backups ?? [];
  const chosen = backups.find((backup) => backup.file === file) ?? backups[0] ?? null;

  return (
    <Dialog
      open={open}
      onOpenChange={(next) => {
        if (!next) onClose();
      }}
      title="Restore a backup"
      description="Choose the state to go back to. You are asked once more before anything changes."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            disabled={chosen === null}
            onClick={() => {
              if (chosen !== null) onChoose(chosen);
            }}
          >
            Continue
          </Button>
        </>
      }
    >
      <DataState query={query} loading={<SkeletonRows rows={3} />}>
        {() =>
          chosen === null ? (
            <EmptyState
              icon={Archive}
              title="There is no backup yet"
              description="Make one with “Back up”; it then can be chosen here."
            />
          ) : (
            <BackupChoice backups={backups} file={chosen.file} onFile={setFile} />
          )
        }
      </DataState>
    </Dialog>
  );
}
