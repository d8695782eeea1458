import { TriangleAlert } from "lucide-react";
import type { SinkStatus } from "../../../src-shared/contract/sync.ts";
import { SINK_TITLES } from "../../../src-shared/contract/sync-counts.ts";
import { useProcedure } from "../../api/hooks.ts";
import { Badge } from "../../ui/badge.tsx";
import { Card } from "../../ui/card.tsx";
import { formatNumber } from "../../ui/format.ts";
import { Link } from "../../ui/link.tsx";
import { Progress } from "../../ui/progress.tsx";
import { ConnectSteps } from "./connect-steps.tsx";
import { SinkActions } from "./sink-actions.tsx";
import styles from "./sink-card.module.css";
import { SinkFacts } from "./sink-facts.tsx";
import { SINK_STATES } from "./sink-meta.ts";
import { SinkNotice } from "./sink-notice.tsx";
import { SinkSum } from "./sink-sum.tsx";

/** One sink: how it is in a word and a sentence, its figures, and what can be done. */
export function SinkCard({ sink }: { sink: SinkStatus }) {
  const title = SINK_TITLES[sink.sink];
  const { word, icon, tone } = SINK_STATES[sink.state];
  const isOn = sink.state !== "off";
  return (
    <Card
      title={title}
      description={isOn && sink.target !== null && <span className={styles.target}>{sink.target}</span>}
      actions={
        <Badge icon={icon} tone={tone}>
          {word}
        </Badge>
      }
    >
      <div className={styles.body}>
        {isOn ? <Connected sink={sink} title={title} /> : <ConnectSteps sink={sink.sink} />}
        <SinkActions sink={sink.sink} state={sink.state} />
      </div>
    </Card>
  );
}

function Connected({ sink, title }: { sink: SinkStatus; title: string }) {
  const { counts } = sink;
  const done = counts.delivered + counts.removed + counts.parked;
  return (
    <>
      <SinkNotice sink={sink} />
      {sink.is_behind && <BehindWarning title={title} />}
      {counts.pending > 0 && (
        <Progress
          label={`Delivered to ${title}`}
          tone={sink.state === "delivering" ? "accent" : "neutral"}
          value={done / Math.max(1, counts.accepted)}
        />
      )}
      <SinkSum counts={counts} title={title} />
      <SinkFacts sink={sink} />
    </>
  );
}

function BehindWarning({ title }: { title: string }) {
  const limit = useProcedure("settings.get", {}).data?.sync.behind_warning;
  return (
    <p className={styles.behind} role="status">
      <TriangleAlert aria-hidden size={14} />
      <span>
        {title} is behind by more than {limit === undefined ? "the settings allow" : formatNumber(limit)}{" "}
        {limit !== undefined && "changes"}. Nothing is lost: what waits is kept until it is sent. The level of
        this warning is in the <Link href="/settings">Settings</Link>.
      </span>
    </p>
  );
}
