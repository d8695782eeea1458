import type { ListedLetter } from "../../../src-shared/contract/dead.ts";
import { plural } from "../../../src-shared/plural.ts";
import { useProcedure } from "../../api/hooks.ts";
import { Button } from "../../ui/button.tsx";
import { CodeBlock } from "../../ui/code-block.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { formatBytes } from "../../ui/format.ts";
import { DataState, SkeletonRows } from "../../ui/states.tsx";
import { Timestamp } from "../../ui/timestamp.tsx";
import { Fact, Facts } from "../health/facts.tsx";
import styles from "./dead-card.module.css";
import { originOf } from "./dead-table.tsx";

type DeadLetterDialogProps = {
  queue: string;
  listed: ListedLetter;
  isRetrying: boolean;
  onRetry: (ids: readonly string[]) => void;
  onDrop: (ids: readonly string[]) => void;
  onClose: () => void;
};

/** One dead message, whole. */
export function DeadLetterDialog({
  queue,
  listed,
  isRetrying,
  onRetry,
  onDrop,
  onClose,
}: DeadLetterDialogProps) {
  const { id, reason, count, first_death_ts, last_death_ts, message_id, content_type, bytes } = listed;
  const name = id ?? "";
  // It does not change while it lies there, and each look takes it out for a moment.
  const query = useProcedure("dead.get", { queue, id: name }, { staleTime: Number.POSITIVE_INFINITY });
  return (
    <Dialog
      open
      size="lg"
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={`A dead message of ${queue}`}
      description={reason}
      footer={
        <>
          <Button variant="ghost" onClick={() => onDrop([name])}>
            Drop…
          </Button>
          <Button variant="primary" busy={isRetrying} onClick={() => onRetry([name])}>
            Retry
          </Button>
        </>
      }
    >
      <div className={styles.letter}>
        <Facts>
          <Fact name="Died">
            <span>
              {plural(count, "time")}
              {last_death_ts !== null && (
                <>
                  , last <Timestamp ts={last_death_ts} format="short" seconds />
                </>
              )}
              {count > 1 && first_death_ts !== null && (
                <>
                  , first <Timestamp ts={first_death_ts} format="short" seconds />
                </>
              )}
            </span>
          </Fact>
          <Fact name="Came">{originOf(listed)}</Fact>
          <Fact name="ID of the sender">{message_id ?? <span className="muted">none</span>}</Fact>
          <Fact name="Body">
            {formatBytes(bytes)}
            {content_type !== null && `, ${content_type}`}
          </Fact>
        </Facts>
        <DataState query={query} loading={<SkeletonRows rows={2} />}>
          {({ body, is_cut }) => (
            <>
              <CodeBlock code={body} label="body" wrap />
              {is_cut && <p className="muted">It goes on; this is its first MiB.</p>}
            </>
          )}
        </DataState>
      </div>
    </Dialog>
  );
}
