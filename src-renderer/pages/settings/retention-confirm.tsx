import type { ReactNode } from "react";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";

type RetentionConfirmProps = {
  open: boolean;
  busy: boolean;
  children: ReactNode;
  onOpenChange: (open: boolean) => void;
  onConfirm: () => void;
};

/** Asked before settings are saved that delete more than those before. */
export function RetentionConfirm({ children, ...props }: RetentionConfirmProps) {
  return (
    <ConfirmDialog
      {...props}
      danger
      confirmLabel="Save and delete"
      description={children}
      title="Delete these messages from now on?"
    />
  );
}
