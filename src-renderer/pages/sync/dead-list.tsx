import { RotateCw, Trash2 } from "lucide-react";
import { useEffect, useEffectEvent, useRef, useState } from "react";
import { type ListedLetter, MAX_LISTED_LETTERS } from "../../../src-shared/contract/dead.ts";
import { plural } from "../../../src-shared/plural.ts";
import { useInvalidate, useMutationProcedure, useProcedure } from "../../api/hooks.ts";
import { Button } from "../../ui/button.tsx";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { formatNumber } from "../../ui/format.ts";
import { DataState, SkeletonRows } from "../../ui/states.tsx";
import { FieldError } from "../../ui/text-field.tsx";
import { useToast } from "../../ui/toast.tsx";
import styles from "./dead-card.module.css";
import { DeadLetterDialog } from "./dead-letter-dialog.tsx";
import { DeadTable } from "./dead-table.tsx";

const PAGE = 50;

/** By their ids; null for all of the queue. */
type Chosen = readonly string[] | null;

/** The dead of one queue, the oldest first, and what can be done about them. `dead`: how many there were last. */
export function DeadList({ queue, dead }: { queue: string; dead: number }) {
  const [limit, setLimit] = useState(PAGE);
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const [opened, setOpened] = useState<ListedLetter | null>(null);
  const [doomed, setDoomed] = useState<Chosen | undefined>();
  // Not by a timer: each look takes them out of their queue for a moment.
  const query = useProcedure("dead.list", { queue, limit }, { keepPrevious: true });
  useFreshList(dead);
  const { retry, drop } = useSettling(queue, () => {
    setPicked(new Set());
    setOpened(null);
    setDoomed(undefined);
  });
  const bring = (ids: Chosen) => retry.mutate({ queue, ids: ids === null ? null : [...ids] });
  const ask = (ids: Chosen) => {
    drop.reset();
    setOpened(null);
    setDoomed(ids);
  };
  return (
    <>
      <DataState query={query} loading={<SkeletonRows rows={3} />}>
        {({ total, letters }) => {
          const ids = letters.flatMap(({ id }) => (id !== null && picked.has(id) ? [id] : []));
          const count = ids.length === 0 ? "" : ` ${formatNumber(ids.length)}`;
          return (
            <>
              <div className={styles.bar}>
                <Button
                  icon={RotateCw}
                  size="sm"
                  disabled={ids.length === 0}
                  busy={retry.isPending}
                  onClick={() => bring(ids)}
                >
                  Retry{count} selected
                </Button>
                <Button size="sm" busy={retry.isPending} onClick={() => bring(null)}>
                  Retry all {formatNumber(total)}
                </Button>
                <Button icon={Trash2} size="sm" disabled={ids.length === 0} onClick={() => ask(ids)}>
                  Drop{count} selected…
                </Button>
                <Button size="sm" onClick={() => ask(null)}>
                  Drop all {formatNumber(total)}…
                </Button>
                <FieldError error={retry.error?.message} id="dead-error" />
              </div>
              <DeadTable letters={letters} picked={picked} onPick={setPicked} onOpen={setOpened} />
              {total > letters.length && (
                <div className={styles.more}>
                  {limit < MAX_LISTED_LETTERS && (
                    <Button size="sm" busy={query.isPlaceholderData} onClick={() => setLimit(limit + PAGE)}>
                      Show more
                    </Button>
                  )}
                  The oldest {formatNumber(letters.length)} of {formatNumber(total)}.
                </div>
              )}
            </>
          );
        }}
      </DataState>
      {opened !== null && (
        <DeadLetterDialog
          queue={queue}
          listed={opened}
          isRetrying={retry.isPending}
          onRetry={bring}
          onDrop={ask}
          onClose={() => setOpened(null)}
        />
      )}
      {doomed !== undefined && (
        <ConfirmDialog
          open
          onOpenChange={() => setDoomed(undefined)}
          title={
            doomed === null ? `Drop all dead of ${queue}?` : `Drop ${plural(doomed.length, "dead message")}?`
          }
          description={
            <>
              <p>
                {doomed === null ? "All that lie there by then" : "They"} are deleted at the broker for good.
                Waybill keeps no copy.
              </p>
              <FieldError error={drop.error?.message} id="drop-error" />
            </>
          }
          confirmLabel="Drop"
          danger
          typed={doomed === null ? "drop" : undefined}
          busy={drop.isPending}
          onConfirm={() => drop.mutate({ queue, ids: doomed === null ? null : [...doomed] })}
        />
      )}
    </>
  );
}

function useSettling(queue: string, onDone: () => void) {
  const toast = useToast();
  const invalidate = useInvalidate();
  const onSettled = () => invalidate("dead.queues", "dead.list");
  const tell = (count: number, ids: Chosen, done: string) => {
    const missing = ids === null ? 0 : ids.length - count;
    toast.show({
      title: `${plural(count, "message")} ${done}`,
      description: missing > 0 ? `${formatNumber(missing)} not found among the dead any more.` : undefined,
      tone: missing > 0 ? "warning" : "success",
    });
    onDone();
  };
  const retry = useMutationProcedure("dead.retry", {
    onSuccess: ({ retried }, { ids }) => tell(retried, ids, `back in ${queue}`),
    onSettled,
  });
  const drop = useMutationProcedure("dead.drop", {
    onSuccess: ({ dropped }, { ids }) => tell(dropped, ids, "dropped"),
    onSettled,
  });
  return { retry, drop };
}

/** The list has no event of its own: another count makes it old. */
function useFreshList(dead: number): void {
  const invalidate = useInvalidate();
  const seen = useRef(dead);
  const refresh = useEffectEvent(() => invalidate("dead.list"));
  useEffect(() => {
    if (dead === seen.current) return;
    seen.current = dead;
    refresh();
  }, [dead]);
}
