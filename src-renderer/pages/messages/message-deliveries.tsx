import { Ban, CircleCheck, Clock, type LucideIcon } from "lucide-react";
import type { Delivery } from "../../../src-shared/contract/sync.ts";
import { SINK_TITLES, SINKS } from "../../../src-shared/contract/sync-counts.ts";
import type { MessageRecord } from "../../../src-shared/record.ts";
import { useProcedure } from "../../api/hooks.ts";
import { Badge, type Tone } from "../../ui/badge.tsx";
import { Link } from "../../ui/link.tsx";
import { Timestamp } from "../../ui/timestamp.tsx";
import styles from "./message-drawer.module.css";

const STATES: Readonly<Record<Delivery["state"], { word: string; icon: LucideIcon; tone: Tone }>> = {
  delivered: { word: "Delivered", icon: CircleCheck, tone: "success" },
  pending: { word: "Waiting", icon: Clock, tone: "neutral" },
  parked: { word: "Parked", icon: Ban, tone: "warning" },
};

/** When each sink got each change of the message; nothing where none is connected. */
export function MessageDeliveries({ message }: { message: MessageRecord }) {
  const { data, error } = useProcedure("sync.deliveries", { message_uuid: message.message_uuid });
  const deliveries = data?.deliveries ?? [];
  if (deliveries.length === 0 && error === null) return null;
  return (
    <section className={styles.section}>
      <h3 className={styles.heading}>Forwarding</h3>
      {error !== null && <p className={styles.error}>{error.message}</p>}
      {SINKS.map((sink) => {
        const changes = deliveries.filter((delivery) => delivery.sink === sink);
        return (
          changes.length > 0 && (
            <div key={sink}>
              <h4 className={styles.fieldName}>{SINK_TITLES[sink]}</h4>
              <ul className={styles.deliveries}>
                {changes.map((delivery) => (
                  <DeliveryRow key={delivery.revision} delivery={delivery} />
                ))}
              </ul>
            </div>
          )
        );
      })}
    </section>
  );
}

function DeliveryRow({ delivery: { state, revision, ts, reason } }: { delivery: Delivery }) {
  const { word, icon, tone } = STATES[state];
  return (
    <li>
      <div className={styles.stepLine}>
        <Badge icon={icon} tone={tone}>
          {word}
        </Badge>
        <span className="muted tabular">revision {revision}</span>
        <span className={styles.stepTime}>
          {ts !== null ? <Timestamp ts={ts} /> : state === "delivered" && "time not known"}
        </span>
      </div>
      {state === "parked" && (
        <p className={styles.stepNote}>
          <span>{reason}</span>
          <Link href="/sync">Open Sync</Link>
        </p>
      )}
    </li>
  );
}
