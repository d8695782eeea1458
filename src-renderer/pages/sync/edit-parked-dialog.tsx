import { useId, useState } from "react";
import type { Parked } from "../../../src-shared/contract/sync.ts";
import { SINK_TITLES } from "../../../src-shared/contract/sync-counts.ts";
import { useInvalidate, useMutationProcedure } from "../../api/hooks.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { FieldError } from "../../ui/text-field.tsx";
import { useDebounced } from "../../ui/use-debounced.ts";
import styles from "./edit-parked-dialog.module.css";
import { parseBody } from "./parse-body.ts";

/** What is half typed is not called wrong at once. */
const TYPING_MS = 400;

/** Changes what is sent of one parked record; the ledger keeps its own. */
export function EditParkedDialog({ parked, onClose }: { parked: Parked; onClose: () => void }) {
  const id = useId();
  const { sink, what, position, reason } = parked;
  const title = SINK_TITLES[sink];
  const invalidate = useInvalidate();
  const [original] = useState(() => JSON.stringify(parked.body, null, 2));
  const [text, setText] = useState(original);
  const settled = useDebounced(text, TYPING_MS);
  const { body } = parseBody(text);
  const save = useMutationProcedure("sync.edit", {
    onSuccess: () => {
      invalidate("sync.parked", "sync.status");
      onClose();
    },
  });
  const error = save.error?.message ?? (body === null ? parseBody(settled).error : null);
  return (
    <Dialog
      open
      size="lg"
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={`What ${title} gets of this ${what}`}
      description={`${title} refused it: ${reason}`}
      footer={
        <>
          <Button variant="ghost" onClick={onClose}>
            Cancel
          </Button>
          <Button
            variant="primary"
            busy={save.isPending}
            disabled={body === null}
            onClick={() => {
              if (body !== null) save.mutate({ sink, what, position, body });
            }}
          >
            Save and send
          </Button>
        </>
      }
    >
      <div className={styles.form}>
        <label className={styles.label} htmlFor={id}>
          The record as JSON
        </label>
        <textarea
          id={id}
          className={styles.editor}
          spellCheck={false}
          value={text}
          aria-invalid={error !== null}
          aria-describedby={`${id}-hint${error === null ? "" : ` ${id}-error`}`}
          onChange={(event) => {
            save.reset();
            setText(event.target.value);
          }}
        />
        <FieldError error={error} id={`${id}-error`} />
        <div className={styles.foot}>
          <p className="muted" id={`${id}-hint`}>
            The ledger keeps the record as it is; only what {title} gets changes. The id and the revision have
            to stay.
          </p>
          {text !== original && (
            <Button
              size="sm"
              onClick={() => {
                save.reset();
                setText(original);
              }}
            >
              Undo changes
            </Button>
          )}
        </div>
      </div>
    </Dialog>
  );
}
