import { Pause, Play, Send } from "lucide-react";
import { useState } from "react";
import type { SinkState } from "../../../src-shared/contract/sync.ts";
import { SINK_TITLES, type SinkName } from "../../../src-shared/contract/sync-counts.ts";
import { useInvalidate, useMutationProcedure } from "../../api/hooks.ts";
import { Button } from "../../ui/button.tsx";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { FieldError } from "../../ui/text-field.tsx";
import { ResendDialog } from "./resend-dialog.tsx";
import styles from "./sink-card.module.css";
import { TestConnection } from "./test-connection.tsx";

type SinkActionsProps = { sink: SinkName; state: SinkState };

/** What an operator can do with a sink. */
export function SinkActions({ sink, state }: SinkActionsProps) {
  const [resending, setResending] = useState(false);
  return (
    <div className={styles.foot}>
      <TestConnection sink={sink}>
        {state !== "off" && (
          <>
            <PauseOrResume sink={sink} isPaused={state === "paused"} />
            <Button icon={Send} onClick={() => setResending(true)}>
              Send a period again…
            </Button>
          </>
        )}
      </TestConnection>
      {resending && <ResendDialog sink={sink} onClose={() => setResending(false)} />}
    </div>
  );
}

function PauseOrResume({ sink, isPaused }: { sink: SinkName; isPaused: boolean }) {
  const title = SINK_TITLES[sink];
  const invalidate = useInvalidate();
  const [asking, setAsking] = useState(false);
  const onSettled = () => invalidate("sync.status");
  const pause = useMutationProcedure("sync.pause", { onSettled, onSuccess: () => setAsking(false) });
  const resume = useMutationProcedure("sync.resume", { onSettled });
  if (isPaused) {
    return (
      <>
        <Button icon={Play} variant="primary" busy={resume.isPending} onClick={() => resume.mutate({ sink })}>
          Resume
        </Button>
        <FieldError error={resume.error?.message} id={`${sink}-resume-error`} />
      </>
    );
  }
  return (
    <>
      <Button
        icon={Pause}
        onClick={() => {
          pause.reset();
          setAsking(true);
        }}
      >
        Pause…
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={`Pause ${title}?`}
        description={
          <>
            <p>
              Nothing is sent to {title} until you resume it, also after a restart. Records are still accepted
              and kept; they wait, and go out in order when you resume.
            </p>
            <FieldError error={pause.error?.message} id={`${sink}-pause-error`} />
          </>
        }
        confirmLabel="Pause"
        busy={pause.isPending}
        onConfirm={() => pause.mutate({ sink })}
      />
    </>
  );
}
