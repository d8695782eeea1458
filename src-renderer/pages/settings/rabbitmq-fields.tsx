import { Select } from "../../ui/select.tsx";
import { Switch } from "../../ui/switch.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { SinkInUse } from "./sink-in-use.tsx";
import styles from "./sync-form.module.css";
import type { SyncFieldsProps } from "./sync-form.tsx";

const QUEUE_TYPES = [
  { value: "quorum", label: "Quorum (on several nodes)" },
  { value: "classic", label: "Classic (on one node)" },
];

export function RabbitMqFields({ draft, change, text, isSaved }: SyncFieldsProps) {
  return (
    <fieldset className={styles.sink}>
      <legend className={styles.legend}>RabbitMQ</legend>
      <Switch
        checked={draft.rabbitmq}
        label="Forward to RabbitMQ"
        hint="Needs a host, from here or from the environment. RABBITMQ_URL there replaces host, port, user, virtual host and TLS."
        onCheckedChange={(rabbitmq) => change({ rabbitmq })}
      />
      {draft.rabbitmq && (
        <>
          <div className={styles.fields}>
            <TextField {...text("host", "Host", "broker.example")} />
            <TextField {...text("port", "Port", draft.tls ? "5671" : "5672")} inputMode="numeric" />
            <TextField {...text("user", "User", "guest")} />
            <TextField {...text("vhost", "Virtual host", "/")} />
            <Select
              label="Type of the queues"
              value={draft.queue_type}
              options={QUEUE_TYPES}
              onValueChange={(value) => change({ queue_type: value === "classic" ? "classic" : "quorum" })}
            />
          </div>
          <Switch checked={draft.tls} label="Encrypt with TLS" onCheckedChange={(tls) => change({ tls })} />
          {draft.tls && (
            <div className={styles.fields}>
              <TextField {...text("ca_file", "Authority (PEM file)", "the system's")} />
              <TextField {...text("cert_file", "Client certificate (PEM file)", "none")} />
              <TextField {...text("key_file", "Client key (PEM file)", "none")} />
            </div>
          )}
        </>
      )}
      <SinkInUse sink="rabbitmq" isSaved={isSaved} />
    </fieldset>
  );
}
