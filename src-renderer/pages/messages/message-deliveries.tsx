import type { Delivery } from "../../../src-shared/contract/sync.ts";
import type { MessageRecord } from "../../../src-shared/record.ts";
import { useProcedure } from "../../api/hooks.ts";
import { Badge } from "../../ui/badge.tsx";
import { Timestamp } from "../../ui/timestamp.tsx";
import { SINK_TITLES } from "../sync/sink-meta.ts";
import styles from "./message-drawer.module.css";

const WORDS = { delivered: "Delivered", pending: "Waiting", parked: "Parked" } as const;
const TONES = { delivered: "success", pending: "neutral", parked: "warning" } as const;

/** When each sink got each change of the message; nothing where none is connected. */
export function MessageDeliveries({ message }: { message: MessageRecord }) {
  const { data } = useProcedure("sync.deliveries", { message_uuid: message.message_uuid });
  const deliveries = data?.deliveries ?? [];
  if (deliveries.length === 0) return null;
  return (
    <section className={styles.section}>
      <h3 className={styles.heading}>Forwarding</h3>
      <ul className={styles.deliveries}>
        {deliveries.map((delivery) => (
          <DeliveryRow key={`${delivery.sink} ${delivery.revision}`} delivery={delivery} />
        ))}
      </ul>
    </section>
  );
}

function DeliveryRow({ delivery: { sink, state, revision, ts, reason } }: { delivery: Delivery }) {
  return (
    <li>
      <Badge tone={TONES[state]}>{WORDS[state]}</Badge> {SINK_TITLES[sink]}{" "}
      <span className="muted">revision {revision}</span>{" "}
      {ts !== null && <Timestamp ts={ts} format="short" seconds />}
      {reason !== null && <p className="muted">{reason}</p>}
    </li>
  );
}
