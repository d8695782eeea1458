import type { MessageRecord } from "../../../src-shared/record.ts";
import { StatusBadge } from "../../ui/badge.tsx";
import { formatDuration, formatUtc } from "../../ui/format.ts";
import type { ColumnKey } from "./columns.ts";
import { latencySeconds } from "./latency.ts";
import styles from "./message-table.module.css";
import { formatRowTime } from "./row-time.ts";

/** What a column shows of a message. */
export function MessageCell({ column, message }: { column: ColumnKey; message: MessageRecord }) {
  switch (column) {
    case "time":
      return (
        <time className={styles.text} dateTime={message.origin_ts} title={formatUtc(message.origin_ts)}>
          {formatRowTime(message.origin_ts)}
        </time>
      );
    case "status":
      return <StatusBadge status={message.status} />;
    case "recipient":
      return <Recipients recipients={message.destination_subject_ids} />;
    case "latency": {
      const seconds = latencySeconds(message);
      return seconds === null ? <None /> : <span className={styles.text}>{formatDuration(seconds)}</span>;
    }
    case "template":
      return <Text text={message.template_name ?? message.template_id} />;
    case "error":
      return <Text text={message.error_message} danger />;
    case "channel":
      return <Text text={message.channel} />;
    case "preview":
      return <Text text={message.content_preview} />;
    case "session":
      return <Text text={message.session_id} />;
    case "topic":
      return <Text text={message.topic} />;
    case "type":
      return <Text text={message.message_type} />;
    case "sender":
      return <Text text={message.source_subject_id} />;
    case "user":
      return <Text text={message.user_id} />;
    case "external":
      return <Text text={message.external_id} mono />;
    case "uuid":
      return <Text text={message.message_uuid} mono />;
  }
}

function Text({ text, mono, danger }: { text: string | null; mono?: boolean; danger?: boolean }) {
  if (text === null) return <None />;
  const look = [styles.text, mono && "mono", danger && styles.danger].filter(Boolean).join(" ");
  return (
    <span className={look} title={text}>
      {text}
    </span>
  );
}

export function Recipients({ recipients }: { recipients: readonly string[] }) {
  const [first, ...others] = recipients;
  if (first === undefined) return <None />;
  return (
    <>
      <span className={styles.text} title={recipients.slice(0, 20).join("\n")}>
        {first}
      </span>
      {others.length > 0 && <span className={styles.more}>+{others.length}</span>}
    </>
  );
}

function None() {
  return (
    <span className={styles.none}>
      <span aria-hidden>–</span>
      <span className="visually-hidden">none</span>
    </span>
  );
}
