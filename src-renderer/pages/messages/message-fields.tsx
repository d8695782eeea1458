import { ArrowUpRight, Filter, FilterX } from "lucide-react";
import type { ReactNode } from "react";
import type { MessageRecord } from "../../../src-shared/record.ts";
import { messagesHref, sessionHref } from "../../shell/navigation.ts";
import { CopyButton } from "../../ui/copy-button.tsx";
import { formatNumber } from "../../ui/format.ts";
import { IconButton } from "../../ui/icon-button.tsx";
import { Link } from "../../ui/link.tsx";
import { Timestamp } from "../../ui/timestamp.tsx";
import { type FieldValue, fieldValue } from "./field-value.ts";
import styles from "./message-drawer.module.css";
import { filterText } from "./query-edit.ts";

type OnFilter = (value: FieldValue, exclude: boolean) => void;

const RECIPIENTS_SHOWN = 50;

type MessageFieldsProps = {
  message: MessageRecord;
  /** When Waybill took it; null as long as that is not known. */
  logged: string | null;
  onFilter: OnFilter;
};

export function MessageFields({ message, logged, onFilter }: MessageFieldsProps) {
  const text = (label: string, value: string | null, filter: FieldValue | null = null, mono = false) =>
    value === null ? null : (
      <Field label={label} filter={filter} copy={mono ? value : null} onFilter={onFilter}>
        <span className={mono ? "mono" : undefined}>{value}</span>
      </Field>
    );
  const time = (label: string, ts: string | null) =>
    ts === null ? null : (
      <Field label={label} filter={null} copy={null} onFilter={onFilter}>
        <Timestamp ts={ts} />
      </Field>
    );
  const { session_id: session, template_name: templateName, template_id: templateId } = message;
  return (
    <section className={styles.section}>
      <h3 className={styles.heading}>Details</h3>
      <dl className={styles.fields}>
        {text("UUID", message.message_uuid, null, true)}
        <Recipients recipients={message.destination_subject_ids} onFilter={onFilter} />
        {text("Sender", message.source_subject_id, fieldValue("from", message.source_subject_id))}
        {text("Channel", message.channel, fieldValue("channel", message.channel))}
        {session !== null && (
          <Field label="Session" filter={fieldValue("session", session)} copy={session} onFilter={onFilter}>
            <Link href={sessionHref(session)} className="mono">
              {session}
            </Link>
          </Field>
        )}
        {text("Template", templateName ?? templateId, fieldValue("template", templateName ?? templateId))}
        {templateName !== null && templateId !== null && templateName !== templateId
          ? text("Template id", templateId, fieldValue("template", templateId), true)
          : null}
        {text("Topic", message.topic, fieldValue("topic", message.topic))}
        {text("Type", message.message_type, fieldValue("type", message.message_type))}
        {text("User", message.user_id, fieldValue("user", message.user_id))}
        {text("External id", message.external_id, fieldValue("external", message.external_id), true)}
        {text("Error", message.error_message, fieldValue("error", message.error_message))}
        {time("Created", message.origin_ts)}
        {time("Sent", message.sent_ts)}
        {time("Delivered", message.delivered_ts)}
        {time("Read", message.read_ts)}
        {time("Acknowledged", message.ack_ts)}
        {time("Logged", logged)}
        {text("Revision", formatNumber(message.revision))}
      </dl>
    </section>
  );
}

function Recipients({ recipients, onFilter }: { recipients: readonly string[]; onFilter: OnFilter }) {
  if (recipients.length === 0) return null;
  const more = recipients.length - RECIPIENTS_SHOWN;
  return (
    <>
      {recipients.slice(0, RECIPIENTS_SHOWN).map((recipient, at) => (
        <Field
          // biome-ignore lint/suspicious/noArrayIndexKey: a recipient may be listed twice
          key={`${at} ${recipient}`}
          label={recipients.length === 1 ? "Recipient" : `Recipient ${at + 1}`}
          filter={fieldValue("to", recipient)}
          copy={recipient}
          onFilter={onFilter}
        >
          <Link href={messagesHref(filterText({ field: "to", value: recipient }))} title="All messages to it">
            {recipient}
            <ArrowUpRight aria-hidden className={styles.linkIcon} />
          </Link>
        </Field>
      ))}
      {more > 0 && (
        <Field label="" filter={null} copy={null} onFilter={onFilter}>
          <span className="muted">and {formatNumber(more)} more, see the JSON below</span>
        </Field>
      )}
    </>
  );
}

type FieldProps = {
  label: string;
  filter: FieldValue | null;
  copy: string | null;
  onFilter: OnFilter;
  children: ReactNode;
};

function Field({ label, filter, copy, onFilter, children }: FieldProps) {
  const name = label.toLowerCase();
  return (
    <div className={styles.field}>
      <dt className={styles.fieldName}>{label}</dt>
      <dd className={styles.fieldValue}>
        <span className={styles.fieldText}>{children}</span>
        <span className={styles.fieldActions}>
          {copy !== null && <CopyButton value={copy} label={`Copy ${name}`} />}
          {filter !== null && (
            <>
              <IconButton
                icon={Filter}
                size="sm"
                label={`Filter by this ${name}`}
                onClick={() => onFilter(filter, false)}
              />
              <IconButton
                icon={FilterX}
                size="sm"
                label={`Exclude this ${name}`}
                onClick={() => onFilter(filter, true)}
              />
            </>
          )}
        </span>
      </dd>
    </div>
  );
}
