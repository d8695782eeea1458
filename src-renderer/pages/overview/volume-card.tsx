import { ChartColumnStacked, Table2 } from "lucide-react";
import { useMemo, useState } from "react";
import type { Overview } from "../../../src-shared/contract/statistics.ts";
import type { Status } from "../../../src-shared/status.ts";
import { messagesHref, useNavigate } from "../../shell/navigation.ts";
import { Card } from "../../ui/card.tsx";
import { SegmentedControl } from "../../ui/segmented-control.tsx";
import { timeRange } from "./period.ts";
import { totalsByStatus, volumePoints } from "./volume.ts";
import styles from "./volume-card.module.css";
import { VolumeChart } from "./volume-chart.tsx";
import { VolumeLegend } from "./volume-legend.tsx";
import { VolumeTable } from "./volume-table.tsx";

const VIEWS = [
  { value: "chart", label: "Chart", icon: ChartColumnStacked, iconOnly: true },
  { value: "table", label: "Table", icon: Table2, iconOnly: true },
] as const;

export function VolumeCard({ overview, className }: { overview: Overview; className?: string | undefined }) {
  const navigate = useNavigate();
  const [view, setView] = useState("chart");
  const [hidden, setHidden] = useState<ReadonlySet<Status>>(new Set());
  const points = useMemo(() => volumePoints(overview), [overview]);
  const totals = useMemo(() => totalsByStatus(points), [points]);
  const toggle = (status: Status) => setHidden((current) => toggled(current, status));
  return (
    <Card
      actions={
        <SegmentedControl label="View" options={VIEWS} size="sm" value={view} onValueChange={setView} />
      }
      className={className}
      title="Volume by status"
    >
      {view === "chart" ? (
        <>
          <VolumeLegend hidden={hidden} totals={totals} onToggle={toggle} />
          <VolumeChart
            hidden={hidden}
            points={points}
            onOpen={({ from, to }) => navigate(messagesHref(timeRange(from, to)))}
          />
        </>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        <section aria-label="Volume table" className={styles.tableBox} tabIndex={0}>
          <VolumeTable points={points} />
        </section>
      )}
    </Card>
  );
}

function toggled(statuses: ReadonlySet<Status>, status: Status): ReadonlySet<Status> {
  const next = new Set(statuses);
  if (!next.delete(status)) next.add(status);
  return next;
}
