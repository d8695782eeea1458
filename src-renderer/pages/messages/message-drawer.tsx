import { ChevronDown, ChevronUp } from "lucide-react";
import type { MessageRecord } from "../../../src-shared/record.ts";
import { useProcedure } from "../../api/hooks.ts";
import { StatusBadge } from "../../ui/badge.tsx";
import { Drawer } from "../../ui/drawer.tsx";
import { IconButton } from "../../ui/icon-button.tsx";
import { ErrorState, Skeleton } from "../../ui/states.tsx";
import { Timestamp } from "../../ui/timestamp.tsx";
import { CopyMenu } from "./copy-menu.tsx";
import type { FieldValue } from "./field-value.ts";
import { loggedTs } from "./life-steps.ts";
import { MessageDeliveries } from "./message-deliveries.tsx";
import styles from "./message-drawer.module.css";
import { MessageFields } from "./message-fields.tsx";
import { MessageLife } from "./message-life.tsx";
import { MessagePayload } from "./message-payload.tsx";

const WIDTH_PX = 540;

type MessageDrawerProps = {
  /** Empty: closed. */
  uuid: string;
  /** What the table knows of it, shown until all of it is there. */
  known: MessageRecord | undefined;
  /** Undefined at the table's end, or where the message stands in it is not known. */
  onPrevious: (() => void) | undefined;
  onNext: (() => void) | undefined;
  onClose: () => void;
  onFilter: (value: FieldValue, exclude: boolean) => void;
};

export function MessageDrawer({ uuid, known, onPrevious, onNext, onClose, onFilter }: MessageDrawerProps) {
  const query = useProcedure("messages.get", { message_uuid: uuid }, { enabled: uuid !== "", live: true });
  const message = query.data?.message ?? known;
  return (
    <Drawer
      open={uuid !== ""}
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      modal={false}
      width={WIDTH_PX}
      title={message === undefined ? "Message" : titleOf(message)}
      subtitle={message !== undefined && <Subtitle message={message} />}
      actions={
        <>
          <IconButton
            icon={ChevronUp}
            label="Previous message"
            shortcut="k"
            disabled={onPrevious === undefined}
            onClick={onPrevious}
          />
          <IconButton
            icon={ChevronDown}
            label="Next message"
            shortcut="j"
            disabled={onNext === undefined}
            onClick={onNext}
          />
          {message !== undefined && <CopyMenu message={message} />}
        </>
      }
    >
      {message === undefined ? (
        query.error === null ? (
          <LoadingBody />
        ) : (
          <ErrorState
            error={query.error}
            title={query.error.code === "not_found" ? "No such message" : "The message could not be loaded"}
            onRetry={query.error.code === "not_found" ? undefined : () => void query.refetch()}
          />
        )
      ) : (
        // Another message starts with its own tree, opened afresh.
        <div key={message.message_uuid} className={styles.body}>
          {message.content_preview !== null && <p className={styles.preview}>{message.content_preview}</p>}
          <MessageLife message={message} events={query.data?.events} error={query.error} />
          <MessageDeliveries message={message} />
          <MessageFields message={message} logged={loggedTs(query.data?.events)} onFilter={onFilter} />
          <MessagePayload message={message} onFilter={onFilter} />
        </div>
      )}
    </Drawer>
  );
}

function titleOf(message: MessageRecord): string {
  const [first, ...others] = message.destination_subject_ids;
  if (first === undefined) return message.topic ?? message.message_type ?? "Message without a recipient";
  return others.length === 0 ? first : `${first} and ${others.length} more`;
}

function Subtitle({ message }: { message: MessageRecord }) {
  return (
    <span className={styles.subtitle}>
      <StatusBadge status={message.status} />
      <span>{message.channel}</span>
      <Timestamp ts={message.origin_ts} />
    </span>
  );
}

function LoadingBody() {
  return (
    <div className={styles.body} aria-busy="true">
      <span className="visually-hidden" role="status">
        Loading the message
      </span>
      <Skeleton height={44} />
      <Skeleton width="40%" />
      <Skeleton height={120} />
      <Skeleton width="30%" />
      <Skeleton height={240} />
    </div>
  );
}
