import { Download, PartyPopper } from "lucide-react";
import { useMemo, useState } from "react";
import type { RecipientOutcome } from "../../../src-shared/contract/sessions.ts";
import { plural } from "../../../src-shared/plural.ts";
import type { Session } from "../../../src-shared/session.ts";
import { useInfiniteProcedure } from "../../api/hooks.ts";
import { ExportDialog } from "../../export/export-dialog.tsx";
import { useExports } from "../../export/exports.ts";
import { useNavigate } from "../../shell/navigation.ts";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { formatNumber } from "../../ui/format.ts";
import { EmptyState, ErrorState, SkeletonRows } from "../../ui/states.tsx";
import { useToast } from "../../ui/toast.tsx";
import { sessionQuery } from "./session-query.ts";
import styles from "./undelivered.module.css";
import { CompactRecipient, RECIPIENT_COLUMNS, RECIPIENT_COLUMNS_LEAST_PX } from "./undelivered-columns.tsx";
import { VirtualGrid } from "./virtual-grid.tsx";

const PAGE_RECIPIENTS = 200;
const ROW_HEIGHT_PX = 36;
const COMPACT_ROW_HEIGHT_PX = 64;
const MOST_HEIGHT_PX = 468;
const HEADER_PX = 33;

type UndeliveredProps = {
  session: Session;
  /** Recipients without a success, of all `recipients`. */
  undelivered: number;
  recipients: number;
};

/** Who did not get it: each recipient without a message that was sent, delivered or read. */
export function Undelivered({ session, undelivered, recipients }: UndeliveredProps) {
  const { session_id } = session;
  const [choosing, setChoosing] = useState(false);
  const [starting, setStarting] = useState(false);
  const exports = useExports();
  const toast = useToast();
  const input = { what: "undelivered", session_id } as const;

  const exportCsv = async () => {
    setStarting(true);
    try {
      await exports.start({ ...input, format: "csv" });
    } catch (error) {
      toast.error(error, "The export did not start");
    } finally {
      setStarting(false);
    }
  };

  return (
    <Card
      className={styles.card}
      flush
      title="Who did not get it"
      description={
        undelivered === 0
          ? undefined
          : `${formatNumber(undelivered)} of ${plural(recipients, "recipient")} without a message that was sent, delivered or read`
      }
      actions={
        undelivered > 0 && (
          <>
            <Button size="sm" variant="ghost" onClick={() => setChoosing(true)}>
              Other formats
            </Button>
            <Button
              size="sm"
              variant="primary"
              icon={Download}
              busy={starting}
              onClick={() => void exportCsv()}
            >
              Export who did not get it
            </Button>
          </>
        )
      }
    >
      {undelivered === 0 ? (
        <AllGotIt recipients={recipients} pending={session.pending} />
      ) : (
        <RecipientList sessionId={session_id} undelivered={undelivered} />
      )}
      <ExportDialog
        open={choosing}
        onOpenChange={setChoosing}
        title="Export who did not get it"
        input={input}
        summary={`${plural(undelivered, "recipient")} of the session without a success`}
      />
    </Card>
  );
}

function RecipientList({ sessionId, undelivered }: { sessionId: string; undelivered: number }) {
  const navigate = useNavigate();
  const query = useInfiniteProcedure("sessions.undelivered", {
    session_id: sessionId,
    limit: PAGE_RECIPIENTS,
  });
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.recipients) ?? [], [query.data]);
  if (query.isPending) return <SkeletonRows rows={Math.min(undelivered, 8)} columns={4} />;
  if (query.data === undefined) {
    return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  }
  const open = (row: RecipientOutcome) => {
    const q = sessionQuery(sessionId, { field: "to", value: row.recipient });
    navigate(`/messages?${new URLSearchParams({ q, message: row.message_uuid })}`);
  };
  return (
    <div
      className={styles.list}
      style={{ height: Math.min(MOST_HEIGHT_PX, HEADER_PX + undelivered * ROW_HEIGHT_PX) }}
    >
      <VirtualGrid
        label="Recipients without a success"
        noun="recipient"
        columns={RECIPIENT_COLUMNS}
        rows={rows}
        rowKey={(row) => row.recipient}
        rowHeight={ROW_HEIGHT_PX}
        compactRow={(row) => <CompactRecipient row={row} />}
        compactRowHeight={COMPACT_ROW_HEIGHT_PX}
        leastWidth={RECIPIENT_COLUMNS_LEAST_PX}
        hasMore={query.hasNextPage}
        loadingMore={query.isFetchingNextPage}
        onMore={() => void query.fetchNextPage()}
        onOpen={open}
      />
    </div>
  );
}

function AllGotIt({ recipients, pending }: { recipients: number; pending: number }) {
  if (recipients === 0) {
    return (
      <EmptyState
        title="No recipients"
        description="The messages of this session name no recipient, so there is nobody who could have missed one."
      />
    );
  }
  return (
    <EmptyState
      icon={PartyPopper}
      title="Everyone got it"
      description={
        <>
          {recipients === 1 ? "The one recipient has" : `All ${formatNumber(recipients)} recipients have`} at
          least one message that was sent, delivered or read.
          {pending > 0 && ` ${plural(pending, "message")} still on the way.`}
        </>
      }
    />
  );
}
