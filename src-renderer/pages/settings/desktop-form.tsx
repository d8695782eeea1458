import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import type {
  ApiState,
  DesktopState,
  PreferenceChanges,
  Preferences,
} from "../../../src-shared/desktop-bridge.ts";
import type { WaybillError } from "../../../src-shared/errors.ts";
import type { DesktopBridge } from "../../api/desktop-bridge.ts";
import { DESKTOP_KEY, valueOrThrow } from "../../desktop/use-desktop.ts";
import { Button } from "../../ui/button.tsx";
import { Checkbox } from "../../ui/checkbox.tsx";
import { Select } from "../../ui/select.tsx";
import { Switch } from "../../ui/switch.tsx";
import { FieldError, TextField } from "../../ui/text-field.tsx";
import { useToast } from "../../ui/toast.tsx";
import { type DesktopDraft, readDesktopDraft, toDesktopDraft } from "./desktop-draft.ts";
import styles from "./sync-form.module.css";

const ON_CLOSE = [
  { value: "ask", label: "Ask" },
  { value: "tray", label: "Keep logging, in the tray" },
  { value: "quit", label: "Quit Waybill" },
] as const;

function describeApi(api: ApiState): string {
  if (api.on) return `Other programs on this computer send them to ${api.url}.`;
  return api.problem === null
    ? "While it is off, other programs log with the waybill command only."
    : "It does not answer just now.";
}

type DesktopFormProps = {
  bridge: DesktopBridge;
  /** What holds now; the menu changes it, too. */
  saved: Preferences;
  api: ApiState;
};

export function DesktopForm({ bridge, saved, api }: DesktopFormProps) {
  const id = useId();
  const [edited, setEdited] = useState<Partial<DesktopDraft>>({});
  const toast = useToast();
  const queries = useQueryClient();
  const save = useMutation<DesktopState, WaybillError, PreferenceChanges>({
    mutationFn: (changes) => valueOrThrow(bridge.setPreferences(changes)),
    onSuccess: (state) => {
      queries.setQueryData(DESKTOP_KEY, state);
      setEdited({});
      toast.show({ title: "Desktop settings saved", tone: "success" });
    },
  });
  const draft = { ...toDesktopDraft(saved), ...edited };
  const { changes, errors } = readDesktopDraft(draft, saved);
  const isChanged = changes === null || Object.keys(changes).length > 0;
  const change = (patch: Partial<DesktopDraft>) => {
    save.reset();
    setEdited({ ...edited, ...patch });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (changes !== null) save.mutate(changes);
  };
  const portProblem = isChanged || api.on ? null : api.problem;

  return (
    <form className={styles.form} noValidate onSubmit={submit}>
      <Select
        className={styles.short}
        label="When the window is closed"
        value={draft.on_close}
        options={ON_CLOSE}
        onValueChange={(value) => {
          const chosen = ON_CLOSE.find((one) => one.value === value);
          if (chosen) change({ on_close: chosen.value });
        }}
      />
      <Switch
        checked={draft.start_at_login}
        label="Start at login"
        hint="In the tray, without a window."
        onCheckedChange={(start_at_login) => change({ start_at_login })}
      />
      <Switch
        checked={draft.http_api}
        label="Take records over HTTP"
        hint={describeApi(api)}
        onCheckedChange={(http_api) => change({ http_api })}
      />
      <TextField
        className={styles.short}
        error={errors?.http_port ?? portProblem}
        inputMode="numeric"
        label="Port of the HTTP API"
        value={draft.http_port}
        onChange={(event) => change({ http_port: event.target.value })}
      />
      <fieldset className={styles.sink}>
        <legend className={styles.legend}>Notify me when</legend>
        <Checkbox
          checked={draft.notify_sink_down}
          label="a sink has been out of reach for a minute"
          onCheckedChange={(notify_sink_down) => change({ notify_sink_down })}
        />
        <Checkbox
          checked={draft.notify_disk_low}
          label="the disk is almost full"
          onCheckedChange={(notify_disk_low) => change({ notify_disk_low })}
        />
        <Checkbox
          checked={draft.notify_failure_rate}
          label="too many messages of the last hour failed"
          onCheckedChange={(notify_failure_rate) => change({ notify_failure_rate })}
        />
        <TextField
          after={<span className="muted">%</span>}
          className={styles.short}
          error={errors?.failure_percent}
          hint="Of twenty messages or more. Each notification comes once an hour at most."
          inputMode="numeric"
          label="Too many are more than"
          value={draft.failure_percent}
          onChange={(event) => change({ failure_percent: event.target.value })}
        />
      </fieldset>
      <FieldError error={save.error?.message} id={`${id}-error`} />
      <div className={styles.actions}>
        <Button
          busy={save.isPending}
          disabled={!isChanged || changes === null}
          type="submit"
          variant="primary"
        >
          Save
        </Button>
        {isChanged && <Button onClick={() => setEdited({})}>Discard</Button>}
      </div>
    </form>
  );
}
