import { CircleCheck, RotateCw } from "lucide-react";
import { useState } from "react";
import type { Parked, SinkStatus } from "../../../src-shared/contract/sync.ts";
import { SINK_TITLES, SINKS, type SinkName } from "../../../src-shared/contract/sync-counts.ts";
import { plural } from "../../../src-shared/plural.ts";
import { useInfiniteProcedure, useInvalidate, useMutationProcedure } from "../../api/hooks.ts";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { formatNumber } from "../../ui/format.ts";
import { SegmentedControl } from "../../ui/segmented-control.tsx";
import { DataState, EmptyState, SkeletonRows } from "../../ui/states.tsx";
import { FieldError } from "../../ui/text-field.tsx";
import { useToast } from "../../ui/toast.tsx";
import { EditParkedDialog } from "./edit-parked-dialog.tsx";
import styles from "./parked-card.module.css";
import { ParkedTable, parkedKey } from "./parked-table.tsx";

const PAGE = 50;
const REFRESH_MS = 5_000;
const CHOICES = [
  { value: "", label: "All" },
  ...SINKS.map((sink) => ({ value: sink, label: SINK_TITLES[sink] })),
];

/** Records that a sink will not take as they are: why, and what can be done about it. */
export function ParkedCard({ sinks }: { sinks: readonly SinkStatus[] }) {
  const [wanted, setWanted] = useState<SinkName | null>(null);
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const [edited, setEdited] = useState<Parked | null>(null);
  const query = useInfiniteProcedure(
    "sync.parked",
    { limit: PAGE, sink: wanted },
    { refetchInterval: REFRESH_MS, keepPrevious: true },
  );
  const counted = sinks.filter((sink) => parkedCount(sink) > 0);
  const total = counted
    .filter(({ sink }) => wanted === null || sink === wanted)
    .reduce((sum, sink) => sum + parkedCount(sink), 0);
  // A sink of which nothing is parked any more is not left filtered by.
  const isFiltering = wanted !== null || counted.length > 1;
  return (
    <Card
      title="Parked"
      description="What a sink refuses as it is waits here, alone, with what changed of it later. All else goes on."
      flush
      actions={
        isFiltering && (
          <SegmentedControl
            label="Parked for"
            options={CHOICES}
            size="sm"
            value={wanted ?? ""}
            onValueChange={(value) => {
              setWanted(SINKS.find((sink) => sink === value) ?? null);
              setPicked(new Set());
            }}
          />
        )
      }
    >
      <DataState query={query} loading={<SkeletonRows rows={3} />}>
        {({ pages }) => {
          const parked = pages.flatMap((page) => page.parked);
          if (parked.length === 0) return <NothingParked sink={wanted} />;
          return (
            <>
              <RetryBar
                picked={parked.filter((one) => picked.has(parkedKey(one)))}
                sink={wanted}
                total={Math.max(total, parked.length)}
                onRetried={() => setPicked(new Set())}
              />
              <ParkedTable picked={picked} parked={parked} onPick={setPicked} onEdit={setEdited} />
              {query.hasNextPage && (
                <div className={styles.bar}>
                  <Button
                    size="sm"
                    busy={query.isFetchingNextPage}
                    onClick={() => void query.fetchNextPage()}
                  >
                    Show more
                  </Button>
                </div>
              )}
            </>
          );
        }}
      </DataState>
      {edited !== null && <EditParkedDialog parked={edited} onClose={() => setEdited(null)} />}
    </Card>
  );
}

function parkedCount({ counts, sessions }: SinkStatus): number {
  return counts.parked + (sessions?.parked ?? 0);
}

function NothingParked({ sink }: { sink: SinkName | null }) {
  return (
    <EmptyState
      icon={CircleCheck}
      title="Nothing is parked"
      description={sink === null ? "No sink refused a record." : `${SINK_TITLES[sink]} refused no record.`}
    />
  );
}

type RetryBarProps = {
  picked: readonly Parked[];
  sink: SinkName | null;
  total: number;
  onRetried: () => void;
};

function RetryBar({ picked, sink, total, onRetried }: RetryBarProps) {
  const toast = useToast();
  const invalidate = useInvalidate();
  const retry = useMutationProcedure("sync.retry", {
    onSuccess: ({ retried }) => {
      toast.show({ title: `${plural(retried, "change")} on the way again`, tone: "success" });
      onRetried();
    },
    onSettled: () => invalidate("sync.parked", "sync.status"),
  });
  return (
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
        {picked.length === 0 ? "Retry selected" : `Retry ${formatNumber(picked.length)} selected`}
      </Button>
      <Button size="sm" busy={retry.isPending} onClick={() => retry.mutate({ sink })}>
        {`Retry all ${formatNumber(total)}`}
      </Button>
      <FieldError error={retry.error?.message} id="parked-error" />
    </div>
  );
}
