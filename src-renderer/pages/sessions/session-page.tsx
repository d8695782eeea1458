import { ArrowLeft, GitCompareArrows, MessagesSquare } from "lucide-react";
import type { Output } from "../../../src-shared/contract/index.ts";
import { plural } from "../../../src-shared/plural.ts";
import { useProcedure } from "../../api/hooks.ts";
import { ExportReportButton } from "../../export/export-report-button.tsx";
import { messagesHref, useNavigate } from "../../shell/navigation.ts";
import { Link, LinkButton } from "../../ui/link.tsx";
import { Page } from "../../ui/page.tsx";
import { useShortcut } from "../../ui/shortcuts.tsx";
import { DataState, EmptyState } from "../../ui/states.tsx";
import { compareSessionsHref } from "../compare/compare-href.ts";
import { SessionErrors } from "./session-errors.tsx";
import { SessionFacts } from "./session-facts.tsx";
import { SessionFunnel } from "./session-funnel.tsx";
import { SessionMetadata } from "./session-metadata.tsx";
import { sessionName } from "./session-name.ts";
import { SessionNumbers } from "./session-numbers.tsx";
import styles from "./session-page.module.css";
import { sessionQuery } from "./session-query.ts";
import { SessionSkeleton } from "./session-skeleton.tsx";
import { SessionTimeline } from "./session-timeline.tsx";
import { Undelivered } from "./undelivered.tsx";

type SessionPageProps = { sessionId: string };

export function SessionPage({ sessionId }: SessionPageProps) {
  const navigate = useNavigate();
  const query = useProcedure("sessions.get", { session_id: sessionId });
  const session = query.data?.session;
  useShortcut("Escape", "Back to the sessions", () => navigate("/sessions"), { group: "Session" });

  const name = session === undefined ? "Session" : sessionName(session);
  const isMissing = query.data === undefined && query.error?.code === "not_found";
  return (
    <Page
      title={
        <span className={styles.title}>
          <Link href="/sessions" className={styles.back} aria-label="Back to the sessions">
            <ArrowLeft aria-hidden size={16} />
          </Link>
          <span className={styles.titleText}>{name}</span>
        </span>
      }
      documentTitle={name}
      description={session !== undefined && <SessionFacts session={session} />}
      actions={
        session !== undefined && (
          <>
            <LinkButton href={messagesHref(sessionQuery(sessionId))} icon={MessagesSquare}>
              All messages
            </LinkButton>
            <LinkButton href={compareSessionsHref(sessionId)} icon={GitCompareArrows}>
              Compare
            </LinkButton>
            <ExportReportButton
              input={{ what: "messages", filter: sessionQuery(sessionId) }}
              summary={`${plural(session.total, "message")} of the session ${name}`}
            />
          </>
        )
      }
    >
      {isMissing ? (
        <EmptyState
          title="There is no such session"
          description={`No session has the id ${sessionId}. It may be mistyped, or from another ledger.`}
          actions={<LinkButton href="/sessions">All sessions</LinkButton>}
        />
      ) : (
        <DataState query={query} loading={<SessionSkeleton />}>
          {(data) => <SessionBody data={data} />}
        </DataState>
      )}
    </Page>
  );
}

function SessionBody({ data }: { data: Output<"sessions.get"> }) {
  const { session, funnel, timeline, undelivered, recipients } = data;
  return (
    <div className={styles.body}>
      <SessionNumbers session={session} />
      <div className={styles.halves}>
        <SessionFunnel sessionId={session.session_id} funnel={funnel} />
        <SessionTimeline sessionId={session.session_id} timeline={timeline} />
      </div>
      <div className={styles.thirds}>
        <Undelivered session={session} undelivered={undelivered} recipients={recipients} />
        <SessionErrors session={session} />
      </div>
      <SessionMetadata metadata={session.metadata} />
    </div>
  );
}
