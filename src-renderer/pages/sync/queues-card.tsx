import { BellRing, CircleCheck, Clock, type LucideIcon, TriangleAlert } from "lucide-react";
import type { QueueStatus, Queues } from "../../../src-shared/contract/sync.ts";
import { plural } from "../../../src-shared/plural.ts";
import { Badge, type Tone } from "../../ui/badge.tsx";
import { Card } from "../../ui/card.tsx";
import { formatNumber } from "../../ui/format.ts";
import { QueueChart } from "./queue-chart.tsx";
import { queuePoints } from "./queue-points.ts";
import styles from "./queues-card.module.css";

type Verdict = NonNullable<QueueStatus["verdict"]>;

const VERDICTS: Readonly<Record<Verdict, { word: string; icon: LucideIcon; tone: Tone }>> = {
  good: { word: "Good", icon: CircleCheck, tone: "success" },
  busy: { word: "Busy", icon: Clock, tone: "info" },
  warning: { word: "Warning: piling up", icon: TriangleAlert, tone: "warning" },
  alarm: { word: "Alarm: nobody reads it", icon: BellRing, tone: "danger" },
};

/** What waits in RabbitMQ's queues and who takes it out, with their course. */
export function QueuesCard({ queues: { available, message, queues } }: { queues: Queues }) {
  return (
    <Card
      title="RabbitMQ's queues"
      description="Up to 5 waiting is good, over 50 a warning, and no consumer an alarm."
    >
      <p className={styles.message} role="status">
        {available || queues.length === 0
          ? message
          : "RabbitMQ can't be asked now. The charts show what was seen before."}
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
  const now = Date.now();
  const points = queuePoints(history, now);
  const look = verdict === null ? null : VERDICTS[verdict];
  return (
    <li className={styles.queue}>
      <div className={styles.head}>
        <h3 className="mono">{queue}</h3>
        {look === null ? (
          <Badge>Not known now</Badge>
        ) : (
          <Badge icon={look.icon} tone={look.tone}>
            {look.word}
          </Badge>
        )}
        <p className={styles.figures}>
          {depth === null ? "–" : formatNumber(depth)} waiting,{" "}
          {consumers === null ? "– consumers" : plural(consumers, "consumer")}
        </p>
      </div>
      <div className={styles.charts}>
        <QueueChart now={now} of="depth" points={points} title="Waiting" />
        <QueueChart now={now} of="consumers" points={points} title="Consumers" />
      </div>
    </li>
  );
}
