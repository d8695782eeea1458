import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useEffectEvent, useState } from "react";
import type { DesktopSignal } from "../../src-shared/desktop-bridge.ts";
import { toWaybillError } from "../../src-shared/errors.ts";
import type { DesktopBridge } from "../api/desktop-bridge.ts";
import { useInvalidate } from "../api/hooks.ts";
import { readOpenedFile } from "../api/ipc-carrier.ts";
import { ImportDialog } from "../pages/welcome/import-dialog.tsx";
import { useNavigate } from "../shell/navigation.ts";
import { useToast } from "../ui/toast.tsx";
import { DESKTOP_KEY } from "./use-desktop.ts";

/** What the desktop app tells its page: a link to follow, a file to import, one that was saved, an update. */
export function DesktopSignals({ bridge }: { bridge: DesktopBridge }) {
  const toast = useToast();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const invalidate = useInvalidate();
  const [file, setFile] = useState<File | null>(null);
  const [importing, setImporting] = useState(false);

  const onSignal = useEffectEvent((signal: DesktopSignal) => {
    switch (signal.kind) {
      case "navigate":
        navigate(signal.path);
        return;
      case "file-opened":
        void readOpenedFile(bridge, signal).then((reply) => {
          if (!reply.ok) return toast.error(toWaybillError(reply.error), "The file can't be read");
          setFile(reply.value);
          setImporting(true);
        });
        return;
      case "file-saved":
        toast.show({
          title: "Saved",
          description: signal.name,
          tone: "success",
          action: { label: "Show in folder", onSelect: () => void bridge.showSavedFile(signal.file_id) },
        });
        return;
      case "notice":
        toast.show({ title: signal.title, description: signal.description, tone: signal.tone });
        return;
      case "desktop-changed":
        void queries.invalidateQueries({ queryKey: DESKTOP_KEY });
        // Where the HTTP API answers, if it does.
        invalidate("access.get");
        return;
      case "update-available":
        toast.show({
          title: `Waybill ${signal.version} is available`,
          description: "Download it or put it off in the settings.",
          action: { label: "Settings", onSelect: () => navigate("/settings") },
        });
        return;
      case "update-ready":
        toast.show({
          title: `Waybill ${signal.version} is ready`,
          description: "It is installed when Waybill quits, or now.",
          action: { label: "Restart now", onSelect: () => void bridge.installUpdate() },
        });
    }
  });
  useEffect(() => bridge.onSignal((signal) => onSignal(signal)), [bridge]);

  return <ImportDialog file={file} open={importing} onOpenChange={setImporting} />;
}
