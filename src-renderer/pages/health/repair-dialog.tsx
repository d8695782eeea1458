import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";

type RepairDialogProps = { open: boolean; busy: boolean; onClose: () => void; onConfirm: () => void };

export function RepairDialog({ open, busy, onClose, onConfirm }: RepairDialogProps) {
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={(next) => {
        if (!next) onClose();
      }}
      title="Repair the ledger?"
      description={
        <>
          <p>Waybill reads everything that can be read from the database and writes it into a new one.</p>
          <p>
            The database as it is now is set aside in the quarantine folder; nothing is deleted. New records
            are accepted meanwhile: they wait in the spool.
          </p>
        </>
      }
      confirmLabel="Repair"
      busy={busy}
      onConfirm={onConfirm}
    />
  );
}
