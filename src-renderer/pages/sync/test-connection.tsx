import { CircleCheck, CircleX, PlugZap } from "lucide-react";
import type { ReactNode } from "react";
import { SINK_TITLES, type SinkName } from "../../../src-shared/contract/sync-counts.ts";
import { useMutationProcedure } from "../../api/hooks.ts";
import { Button } from "../../ui/button.tsx";
import { FieldError } from "../../ui/text-field.tsx";
import styles from "./test-connection.module.css";

type TestConnectionProps = {
  sink: SinkName;
  disabled?: boolean;
  /** More buttons in the same row. */
  children?: ReactNode;
};

/** Tries what is configured now, and says in words what came of it. */
export function TestConnection({ sink, disabled = false, children }: TestConnectionProps) {
  const test = useMutationProcedure("sync.test");
  return (
    <div className={styles.test}>
      <div className={styles.actions}>
        <Button
          icon={PlugZap}
          aria-label={`Test connection to ${SINK_TITLES[sink]}`}
          busy={test.isPending}
          disabled={disabled}
          onClick={() => test.mutate({ sink })}
        >
          Test connection
        </Button>
        {children}
      </div>
      <div aria-live="polite">
        {test.data !== undefined && !test.isPending && <TestResult {...test.data} />}
      </div>
      <FieldError error={test.error?.message} id={`${sink}-test-error`} />
    </div>
  );
}

function TestResult({ ok, message }: { ok: boolean; message: string }) {
  const Icon = ok ? CircleCheck : CircleX;
  return (
    <p className={styles.result} data-tone={ok ? "success" : "danger"}>
      <Icon aria-hidden size={14} />
      <span>
        <b>{ok ? "It works." : "It does not work."}</b> {message}
      </span>
    </p>
  );
}
