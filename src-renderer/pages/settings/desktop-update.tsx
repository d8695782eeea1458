import { useMutation } from "@tanstack/react-query";
import { Download, RefreshCw, RotateCw } from "lucide-react";
import { type ReactNode, useId } from "react";
import type { UpdateState } from "../../../src-shared/desktop-bridge.ts";
import type { Reply, WaybillError } from "../../../src-shared/errors.ts";
import type { DesktopBridge } from "../../api/desktop-bridge.ts";
import { valueOrThrow } from "../../desktop/use-desktop.ts";
import { Button } from "../../ui/button.tsx";
import { Progress } from "../../ui/progress.tsx";
import { FieldError } from "../../ui/text-field.tsx";
import { RelativeTime, Timestamp } from "../../ui/timestamp.tsx";
import styles from "./sync-form.module.css";

type DesktopUpdateProps = { bridge: DesktopBridge; version: string; update: UpdateState };

/** Which version this is, and what can be done about a newer one. */
export function DesktopUpdate({ bridge, version, update }: DesktopUpdateProps) {
  const id = useId();
  const act = useMutation<null, WaybillError, () => Promise<Reply<null>>>({
    mutationFn: (run) => valueOrThrow(run()),
  });
  const isChecking = update.state === "checking";
  return (
    <fieldset className={styles.sink}>
      <legend className={styles.legend}>Updates</legend>
      <div role="status">{describeUpdate(update, version)}</div>
      {update.state === "downloading" && (
        <Progress label={`Downloading ${update.version}`} value={update.percent / 100} />
      )}
      <FieldError
        error={act.error?.message ?? (update.state === "failed" ? update.message : null)}
        id={`${id}-error`}
      />
      {update.state !== "unavailable" && update.state !== "downloading" && (
        <div className={styles.actions}>
          {(update.state === "available" || update.state === "deferred") && (
            <Button icon={Download} onClick={() => act.mutate(bridge.downloadUpdate)}>
              Download
            </Button>
          )}
          {update.state === "available" && (
            <Button variant="ghost" onClick={() => act.mutate(bridge.deferUpdate)}>
              Ask again in a week
            </Button>
          )}
          {update.state === "ready" && (
            <Button icon={RotateCw} onClick={() => act.mutate(bridge.installUpdate)}>
              Restart now
            </Button>
          )}
          {(update.state === "current" || update.state === "failed" || isChecking) && (
            <Button busy={isChecking} icon={RefreshCw} onClick={() => act.mutate(bridge.checkForUpdates)}>
              Check now
            </Button>
          )}
        </div>
      )}
    </fieldset>
  );
}

function describeUpdate(update: UpdateState, version: string): ReactNode {
  switch (update.state) {
    case "unavailable":
      return `This is Waybill ${version}. ${update.reason}`;
    case "current":
      return update.checked_ts === null ? (
        `This is Waybill ${version}.`
      ) : (
        <>
          This is Waybill {version}, the newest: looked <RelativeTime ts={update.checked_ts} />.
        </>
      );
    case "checking":
      return `This is Waybill ${version}. Looking for a newer one…`;
    case "failed":
      return `This is Waybill ${version}.`;
    case "available":
      return `Waybill ${update.version} is available; this is ${version}. Once it is downloaded, it goes in when Waybill quits.`;
    case "deferred":
      return (
        <>
          Waybill {update.version} is available; this is {version}. You are asked again on{" "}
          <Timestamp format="date" ts={update.until_ts} />.
        </>
      );
    case "downloading":
      return `Downloading Waybill ${update.version}: ${update.percent} %.`;
    case "ready":
      return `Waybill ${update.version} goes in when Waybill quits, or now.`;
  }
}
