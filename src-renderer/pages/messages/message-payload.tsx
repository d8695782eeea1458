import { ChevronRight } from "lucide-react";
import { useState } from "react";
import { plural } from "../../../src-shared/plural.ts";
import type { MessageRecord } from "../../../src-shared/record.ts";
import { CodeBlock } from "../../ui/code-block.tsx";
import type { FieldValue } from "./field-value.ts";
import { JsonTree } from "./json-tree.tsx";
import styles from "./message-drawer.module.css";

type OnFilter = (value: FieldValue, exclude: boolean) => void;
type MessagePayloadProps = { message: MessageRecord; onFilter: OnFilter };

/** What the sender put in, as trees, and the whole record as JSON. */
export function MessagePayload({ message, onFilter }: MessagePayloadProps) {
  const [rawOpen, setRawOpen] = useState(false);
  return (
    <>
      <PayloadTree title="Data" field="data" value={message.message_data} onFilter={onFilter} />
      <PayloadTree title="Metadata" field="meta" value={message.message_metadata} onFilter={onFilter} />
      <details
        className={styles.raw}
        open={rawOpen}
        onToggle={(event) => setRawOpen(event.currentTarget.open)}
      >
        <summary className={styles.rawSummary}>
          <ChevronRight aria-hidden className={styles.rawChevron} />
          Raw JSON
        </summary>
        {rawOpen && <CodeBlock code={JSON.stringify(message, null, 2)} label="record as JSON" wrap />}
      </details>
    </>
  );
}

type PayloadTreeProps = {
  title: string;
  field: "data" | "meta";
  value: Record<string, unknown>;
  onFilter: OnFilter;
};

function PayloadTree({ title, field, value, onFilter }: PayloadTreeProps) {
  const { length } = Object.keys(value);
  return (
    <section className={styles.section}>
      <h3 className={styles.heading}>
        {title}
        <span className={styles.headingNote}>{length === 0 ? "empty" : plural(length, "field")}</span>
      </h3>
      {length > 0 && <JsonTree value={value} label={title} filtering={{ field, onFilter }} />}
    </section>
  );
}
