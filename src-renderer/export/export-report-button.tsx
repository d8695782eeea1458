import { Download } from "lucide-react";
import { useState } from "react";
import type { ExportInput } from "../../src-shared/contract/upkeep.ts";
import { Button, type ButtonSize, type ButtonVariant } from "../ui/button.tsx";
import { useShortcut } from "../ui/shortcuts.tsx";
import { ExportDialog } from "./export-dialog.tsx";

export type ExportReportButtonProps = {
  input: Omit<ExportInput, "format">;
  /** What is in it: "12,345 messages: status:failed, last 30 days". */
  summary: string;
  size?: ButtonSize | undefined;
  variant?: ButtonVariant | undefined;
  label?: string | undefined;
};

/** On every list: a file of exactly what is shown. */
export function ExportReportButton({
  input,
  summary,
  size,
  variant,
  label = "Export report",
}: ExportReportButtonProps) {
  const [open, setOpen] = useState(false);
  useShortcut("e", label, () => setOpen(true));
  return (
    <>
      <Button icon={Download} size={size} variant={variant} onClick={() => setOpen(true)}>
        {label}
      </Button>
      <ExportDialog input={input} open={open} summary={summary} title={label} onOpenChange={setOpen} />
    </>
  );
}
