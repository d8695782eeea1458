import { useId, useState } from "react";
import type { Parked } from "../../../src-shared/contract/sync.ts";
import { useInvalidate, useMutationProcedure } from "../../api/hooks.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { FieldError } from "../../ui/text-field.tsx";
import { parseBody } from "./parse-body.ts";
import { SINK_TITLES } from "./sink-meta.ts";
import styles from "./sync.module.css";

/** Changes what is sent of one parked record; the ledger keeps its own. */
export function EditParkedDialog({ parked, onClose }: { parked: Parked; onClose: () => void }) {
  const id = useId();
  const invalidate = useInvalidate();
  const [text, setText] = useState(() => JSON.stringify(parked.body, null, 2));
  const body = parseBody(text);
  const save = useMutationProcedure("sync.edit", {
    onSuccess: () => {
      invalidate("sync.parked", "sync.status");
      onClose();
    },
  });
  const { sink, what, position } = parked;
  const error = save.error?.message ?? (typeof body === "string" ? body : null);
  return (
    <Dialog
      open
      size="lg"
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={`What ${SINK_TITLES[sink]} gets`}
      description={`It was refused: ${parked.reason} The ledger keeps the record as it is; only what is sent changes.`}
      footer={
        <>
          <Button variant="ghost" onClick={onClose}>
            Cancel
          </Button>
          <Button
            variant="primary"
            busy={save.isPending}
            disabled={typeof body === "string"}
            onClick={() => {
              if (typeof body !== "string") save.mutate({ sink, what, position, body });
            }}
          >
            Save and send
          </Button>
        </>
      }
    >
      <label className="visually-hidden" htmlFor={id}>
        The record as JSON
      </label>
      <textarea
        id={id}
        className={styles.editor}
        spellCheck={false}
        value={text}
        aria-invalid={error !== null}
        aria-describedby={`${id}-error`}
        onChange={(event) => {
          save.reset();
          setText(event.target.value);
        }}
      />
      <FieldError error={error} id={`${id}-error`} />
    </Dialog>
  );
}
