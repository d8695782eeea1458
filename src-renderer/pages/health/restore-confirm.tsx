import type { Backup } from "../../../src-shared/contract/upkeep.ts";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { formatBytes, formatDateTime } from "../../ui/format.ts";

type RestoreConfirmProps = {
  backup: Backup | null;
  busy: boolean;
  onClose: () => void;
  onConfirm: (backup: Backup) => void;
};

export function RestoreConfirm({ backup, busy, onClose, onConfirm }: RestoreConfirmProps) {
  return (
    <ConfirmDialog
      open={backup !== null}
      onOpenChange={(next) => {
        if (!next) onClose();
      }}
      title={backup === null ? "" : `Restore the backup of ${formatDateTime(backup.created_ts)}?`}
      description={
        backup !== null && (
          <>
            <p>
              The ledger becomes what it was then ({formatBytes(backup.size_bytes)}). Messages accepted since
              and statuses reported since are no longer in it.
            </p>
            <p>The state before is kept as a backup of its own, so you can go back to it.</p>
          </>
        )
      }
      confirmLabel="Restore"
      danger
      busy={busy}
      onConfirm={() => {
        if (backup !== null) onConfirm(backup);
      }}
    />
  );
}
