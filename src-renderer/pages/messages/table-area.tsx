import { ArrowUp, Inbox, SearchX } from "lucide-react";
import type { ComponentProps } from "react";
import { plural } from "../../../src-shared/plural.ts";
import { Button } from "../../ui/button.tsx";
import { LinkButton } from "../../ui/link.tsx";
import { EmptyState, ErrorState } from "../../ui/states.tsx";
import { MessageTable } from "./message-table.tsx";
import styles from "./messages-page.module.css";
import { TableNotice } from "./table-notice.tsx";

type TableAreaProps = ComponentProps<typeof MessageTable> & { q: string; onSearch: (q: string) => void };

/** The table, or why there is none. */
export function TableArea({ q, onSearch, ...table }: TableAreaProps) {
  const { messages, gridRef } = table;
  const { state } = messages;
  const { snapshot, error, refresh } = state;
  if (snapshot === null && !state.isReadable) {
    return (
      <div className={styles.tableArea}>
        <EmptyState
          icon={SearchX}
          title="The query can't be read"
          description="The mistake is marked under the search field."
          actions={<Button onClick={() => onSearch("")}>Clear the search</Button>}
        />
      </div>
    );
  }
  if (snapshot === null && error !== null) {
    return (
      <div className={styles.tableArea}>
        <ErrorState error={error} title="The messages could not be loaded" onRetry={refresh} />
      </div>
    );
  }
  if (snapshot !== null && messages.rows === 0) {
    return (
      <div className={styles.tableArea}>
        {error !== null && <TableNotice error={error} onRetry={refresh} />}
        {snapshot.q === "" ? <EmptyLedger /> : <NoMatch onClear={() => onSearch("")} />}
      </div>
    );
  }
  const failure = error ?? messages.error;
  return (
    <div className={styles.tableArea}>
      {failure !== null && (
        <TableNotice error={failure} onRetry={error === null ? messages.retry : refresh} />
      )}
      <MessageTable {...table} />
      {messages.waiting > 0 && (
        <div className={styles.newMessages}>
          <Button
            size="sm"
            variant="primary"
            icon={ArrowUp}
            onClick={() => {
              messages.showWaiting();
              gridRef.current?.focus();
            }}
          >
            {plural(messages.waiting, "new message")}
          </Button>
        </div>
      )}
      <span className="visually-hidden" role="status">
        {state.pending && snapshot === null ? "Loading messages" : ""}
        {q !== "" && state.isCurrent && messages.count !== undefined
          ? plural(messages.count, "match", "matches")
          : ""}
      </span>
    </div>
  );
}

function NoMatch({ onClear }: { onClear: () => void }) {
  return (
    <EmptyState
      icon={SearchX}
      title="No message matches"
      description="Nothing in the ledger fits all of these filters. Take one away, or search for something wider."
      actions={<Button onClick={onClear}>Clear filters</Button>}
    />
  );
}

function EmptyLedger() {
  return (
    <EmptyState
      icon={Inbox}
      title="No messages yet"
      description="Messages appear here as soon as a system logs them over the API, the command line or a file."
      actions={
        <LinkButton href="/" variant="primary">
          Send the first record
        </LinkButton>
      }
    />
  );
}
