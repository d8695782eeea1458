import { GitCompareArrows, Layers, Search, SearchX } from "lucide-react";
import { useMemo, useRef, useState } from "react";
import { plural } from "../../../src-shared/plural.ts";
import { useInfiniteProcedure } from "../../api/hooks.ts";
import { ExportReportButton } from "../../export/export-report-button.tsx";
import { sessionHref, useNavigate } from "../../shell/navigation.ts";
import { useUrlState } from "../../shell/url-state.ts";
import { Button } from "../../ui/button.tsx";
import { Kbd } from "../../ui/kbd.tsx";
import { Page } from "../../ui/page.tsx";
import { useShortcut } from "../../ui/shortcuts.tsx";
import { EmptyState, ErrorState, SkeletonRows } from "../../ui/states.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { useDebounced } from "../../ui/use-debounced.ts";
import { compareSessionsHref } from "../compare/compare-href.ts";
import { CHOICE_COLUMN_PX, choiceColumn, choose } from "./session-choice.tsx";
import { CompactSession, SESSION_COLUMNS, SESSION_COLUMNS_LEAST_PX } from "./session-columns.tsx";
import styles from "./sessions-page.module.css";
import { VirtualGrid } from "./virtual-grid.tsx";

const DEFAULTS = { text: "" } as const;
const PAUSE_MS = 250;
const PAGE_SESSIONS = 100;
const ROW_HEIGHT_PX = 52;
const COMPACT_ROW_HEIGHT_PX = 84;

export function SessionsPage() {
  const [url, setUrl] = useUrlState(DEFAULTS);
  const text = useDebounced(url.text, PAUSE_MS).trim();
  const field = useRef<HTMLInputElement>(null);
  const navigate = useNavigate();
  const query = useInfiniteProcedure("sessions.list", { text, limit: PAGE_SESSIONS }, { keepPrevious: true });
  const sessions = useMemo(() => query.data?.pages.flatMap((page) => page.sessions) ?? [], [query.data]);

  useShortcut("/", "Find a session", () => field.current?.select(), { group: "Sessions" });
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [first, second] = chosen;
  const columns = useMemo(
    () => [
      choiceColumn(chosen, (id, isChosen) => setChosen((ids) => choose(ids, id, isChosen))),
      ...SESSION_COLUMNS,
    ],
    [chosen],
  );
  const clear = () => setUrl({ text: "" }, { replace: true });
  const count = `${plural(sessions.length, "session")}${query.hasNextPage ? " and more" : ""}`;

  return (
    <Page
      fill
      title="Sessions"
      actions={
        <>
          {chosen.length > 0 && (
            <Button
              disabled={second === undefined}
              icon={GitCompareArrows}
              onClick={() => navigate(compareSessionsHref(first ?? "", second))}
            >
              {second === undefined ? "Choose another to compare" : "Compare the two"}
            </Button>
          )}
          <ExportReportButton
            input={{ what: "sessions", text }}
            summary={`${query.hasNextPage ? "All sessions" : plural(sessions.length, "session")}${text === "" ? "" : ` with “${text}”`}`}
          />
        </>
      }
      toolbar={
        <TextField
          ref={field}
          label="Find a session"
          hideLabel
          icon={Search}
          placeholder="Find by id, template, channel or user"
          value={url.text}
          after={url.text === "" ? <Kbd keys="/" /> : undefined}
          onChange={(event) => setUrl({ text: event.target.value }, { replace: true })}
          onKeyDown={(event) => {
            if (event.key !== "Escape") return;
            if (url.text === "") event.currentTarget.blur();
            else clear();
          }}
        />
      }
    >
      <div className={styles.panel}>
        <span className="visually-hidden" role="status">
          {query.isPending ? "Loading sessions" : count}
        </span>
        {query.isPending ? (
          <SkeletonRows rows={10} columns={6} />
        ) : query.error !== null && query.data === undefined ? (
          <ErrorState
            error={query.error}
            title="The sessions could not be loaded"
            onRetry={() => void query.refetch()}
          />
        ) : sessions.length === 0 ? (
          <NoSessions text={text} onClear={clear} />
        ) : (
          <VirtualGrid
            label="Sessions, newest first"
            noun="session"
            columns={columns}
            rows={sessions}
            rowKey={(session) => session.session_id}
            rowHeight={ROW_HEIGHT_PX}
            compactRow={(session) => <CompactSession session={session} />}
            compactRowHeight={COMPACT_ROW_HEIGHT_PX}
            leastWidth={CHOICE_COLUMN_PX + SESSION_COLUMNS_LEAST_PX}
            hasMore={query.hasNextPage}
            loadingMore={query.isFetchingNextPage}
            onMore={() => void query.fetchNextPage()}
            onOpen={(session) => navigate(sessionHref(session.session_id))}
          />
        )}
      </div>
    </Page>
  );
}

function NoSessions({ text, onClear }: { text: string; onClear: () => void }) {
  if (text !== "") {
    return (
      <EmptyState
        icon={SearchX}
        title="No session matches"
        description={`No id, template, channel or user has “${text}” in it.`}
        actions={<Button onClick={onClear}>Clear the search</Button>}
      />
    );
  }
  return (
    <EmptyState
      icon={Layers}
      title="No sessions yet"
      description={
        <>
          A session groups the messages of one campaign, run or conversation. Give records a{" "}
          <code className="mono">session_id</code>, or begin one with{" "}
          <code className="mono">POST /sessions</code>.
        </>
      }
    />
  );
}
