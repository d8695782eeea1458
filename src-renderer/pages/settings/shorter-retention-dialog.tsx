import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { plural } from "../../ui/format.ts";
import { DoomedMessages } from "./doomed-messages.tsx";

type ShorterRetentionDialogProps = {
  days: number | null;
  busy: boolean;
  onClose: () => void;
  onConfirm: (days: number) => void;
};

export function ShorterRetentionDialog({ days, busy, onClose, onConfirm }: ShorterRetentionDialogProps) {
  return (
    <ConfirmDialog
      open={days !== null}
      onOpenChange={(next) => {
        if (!next) onClose();
      }}
      title={days === null ? "" : `Keep messages for ${plural(days, "day")} only?`}
      description={days !== null && <DoomedMessages days={days} when="from today on, once a day" />}
      confirmLabel="Delete older messages"
      danger
      busy={busy}
      onConfirm={() => {
        if (days !== null) onConfirm(days);
      }}
    />
  );
}
