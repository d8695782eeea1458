import { CircleCheck, RotateCw } from "lucide-react";
import { useState } from "react";
import { Link } from "wouter";
import type { Parked } from "../../../src-shared/contract/sync.ts";
import { useInfiniteProcedure, useInvalidate, useMutationProcedure } from "../../api/hooks.ts";
import { sessionHref } from "../../shell/navigation.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { Checkbox } from "../../ui/checkbox.tsx";
import { formatNumber, plural } from "../../ui/format.ts";
import { EmptyState, ErrorState, SkeletonRows } from "../../ui/states.tsx";
import { FieldError } from "../../ui/text-field.tsx";
import { RelativeTime } from "../../ui/timestamp.tsx";
import { EditParkedDialog } from "./edit-parked-dialog.tsx";
import { SINK_TITLES } from "./sink-meta.ts";
import styles from "./sync.module.css";

const PAGE = 50;
const REFRESH_MS = 5_000;

function keyOf({ sink, what, position }: Parked): string {
  return `${sink} ${what} ${position}`;
}

/** Records that a sink will not take as they are: why, and what can be done about it. */
export function ParkedCard() {
  const query = useInfiniteProcedure("sync.parked", { limit: PAGE }, { refetchInterval: REFRESH_MS });
  const invalidate = useInvalidate();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [edited, setEdited] = useState<Parked | null>(null);
  const retry = useMutationProcedure("sync.retry", {
    onSuccess: () => setChosen(new Set()),
    onSettled: () => invalidate("sync.parked", "sync.status"),
  });
  const parked = query.data?.pages.flatMap((page) => page.parked) ?? [];
  const picked = parked.filter((one) => chosen.has(keyOf(one)));
  const toggle = (one: Parked, isChosen: boolean) => {
    const next = new Set(chosen);
    if (isChosen) next.add(keyOf(one));
    else next.delete(keyOf(one));
    setChosen(next);
  };
  if (query.data === undefined) {
    return (
      <Card title="Parked" flush>
        {query.error === null ? (
          <SkeletonRows rows={3} />
        ) : (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        )}
      </Card>
    );
  }
  return (
    <Card
      title="Parked"
      description="What a sink refuses as it is waits here, alone; everything else goes on."
      flush
    >
      {parked.length === 0 ? (
        <EmptyState icon={CircleCheck} title="Nothing is parked" description="No sink refused a record." />
      ) : (
        <>
          <div className={styles.bar}>
            <Button
              icon={RotateCw}
              size="sm"
              disabled={picked.length === 0}
              busy={retry.isPending}
              onClick={() =>
                retry.mutate({ parked: picked.map(({ sink, what, position }) => ({ sink, what, position })) })
              }
            >
              {picked.length === 0 ? "Retry" : `Retry ${formatNumber(picked.length)}`}
            </Button>
            <Button size="sm" variant="ghost" busy={retry.isPending} onClick={() => retry.mutate({})}>
              Retry all
            </Button>
            <span className="muted" role="status">
              {retry.data !== undefined && `${plural(retry.data.retried, "record")} on the way again.`}
            </span>
            <FieldError error={retry.error?.message} id="parked-error" />
          </div>
          <div className={styles.scroll}>
            <table className={styles.table}>
              <caption className="visually-hidden">Parked records, the newest first</caption>
              <thead>
                <tr>
                  <th scope="col">
                    <Checkbox
                      label="All that are shown"
                      hideLabel
                      checked={
                        picked.length === 0 ? false : picked.length === parked.length || "indeterminate"
                      }
                      onCheckedChange={(all) => setChosen(new Set(all ? parked.map(keyOf) : []))}
                    />
                  </th>
                  <th scope="col">Sink</th>
                  <th scope="col">What</th>
                  <th scope="col">Why</th>
                  <th scope="col">Since</th>
                  <th scope="col">Tries</th>
                  <th scope="col">
                    <span className="visually-hidden">Actions</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {parked.map((one) => (
                  <ParkedRow
                    key={keyOf(one)}
                    parked={one}
                    isChosen={chosen.has(keyOf(one))}
                    onChoose={(isChosen) => toggle(one, isChosen)}
                    onEdit={() => setEdited(one)}
                  />
                ))}
              </tbody>
            </table>
          </div>
          {query.hasNextPage && (
            <div className={styles.bar}>
              <Button
                size="sm"
                variant="ghost"
                busy={query.isFetchingNextPage}
                onClick={() => void query.fetchNextPage()}
              >
                Show more
              </Button>
            </div>
          )}
        </>
      )}
      {edited !== null && <EditParkedDialog parked={edited} onClose={() => setEdited(null)} />}
    </Card>
  );
}

type ParkedRowProps = {
  parked: Parked;
  isChosen: boolean;
  onChoose: (isChosen: boolean) => void;
  onEdit: () => void;
};

function ParkedRow({ parked, isChosen, onChoose, onEdit }: ParkedRowProps) {
  const { sink, what, id, revision, reason, parked_ts, attempts, retrying, edited } = parked;
  const href = what === "message" ? `/messages?${new URLSearchParams({ message: id })}` : sessionHref(id);
  return (
    <tr>
      <td>
        <Checkbox label={`Choose ${id}`} hideLabel checked={isChosen} onCheckedChange={onChoose} />
      </td>
      <td>{SINK_TITLES[sink]}</td>
      <td>
        <Link href={href} className="mono">
          {id}
        </Link>{" "}
        <span className="muted">revision {revision}</span> {edited && <Badge tone="info">Edited</Badge>}
      </td>
      <td className={styles.reason}>{reason}</td>
      <td>
        <RelativeTime ts={parked_ts} />
      </td>
      <td className="tabular">
        {formatNumber(attempts)} {retrying && <Badge tone="info">On its way</Badge>}
      </td>
      <td>
        <Button size="sm" aria-label={`Edit ${id}`} onClick={onEdit}>
          Edit…
        </Button>
      </td>
    </tr>
  );
}
