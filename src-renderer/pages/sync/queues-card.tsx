import type { QueueStatus, Queues } from "../../../src-shared/contract/sync.ts";
import { Badge, type Tone } from "../../ui/badge.tsx";
import { Card } from "../../ui/card.tsx";
import { formatNumber } from "../../ui/format.ts";
import { Sparkline } from "../overview/sparkline.tsx";
import styles from "./sync.module.css";

type Verdict = NonNullable<QueueStatus["verdict"]>;

const VERDICTS: Readonly<Record<Verdict, { word: string; tone: Tone }>> = {
  good: { word: "Good", tone: "success" },
  busy: { word: "Busy", tone: "info" },
  warning: { word: "Piling up", tone: "warning" },
  alarm: { word: "Nobody reads it", tone: "danger" },
};

/** What waits in RabbitMQ's queues and who takes it out, with their course. */
export function QueuesCard({ queues: { available, message, queues } }: { queues: Queues }) {
  return (
    <Card title="Queues" description="Up to 5 waiting is good, over 50 a warning, and no consumer an alarm.">
      <p className={styles.message} role="status">
        {message}
        {!available && queues.length > 0 && " What is shown is the last that was seen."}
      </p>
      <ul className={styles.queues}>
        {queues.map((queue) => (
          <QueueRow key={queue.queue} queue={queue} />
        ))}
      </ul>
    </Card>
  );
}

function QueueRow({ queue: { queue, depth, consumers, verdict, history } }: { queue: QueueStatus }) {
  return (
    <li className={styles.queue}>
      <div>
        <p>
          <span className="mono">{queue}</span>{" "}
          {verdict !== null && <Badge tone={VERDICTS[verdict].tone}>{VERDICTS[verdict].word}</Badge>}
        </p>
        <p className={styles.figures}>
          <span>{depth === null ? "depth not known" : `${formatNumber(depth)} waiting`}</span>
          <span>
            {consumers === null
              ? "consumers not known"
              : `${formatNumber(consumers)} ${consumers === 1 ? "consumer" : "consumers"}`}
          </span>
        </p>
      </div>
      <div>
        <Sparkline values={history.map((sample) => sample.depth)} colour="var(--accent)" />
        <Sparkline values={history.map((sample) => sample.consumers)} colour="var(--success)" />
        <span className="visually-hidden">
          {describe(
            queue,
            "waiting",
            history.map((sample) => sample.depth),
          )}{" "}
          {describe(
            queue,
            "consumers",
            history.map((sample) => sample.consumers),
          )}
        </span>
      </div>
    </li>
  );
}

/** The chart in words. */
function describe(queue: string, what: string, values: readonly number[]): string {
  if (values.length === 0) return `No samples of ${queue} yet.`;
  return `${queue}, ${what}: ${Math.min(...values)} to ${Math.max(...values)} of late, now ${values.at(-1)}.`;
}
