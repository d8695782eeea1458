import { FilterX, ScrollText } from "lucide-react";
import type { Level } from "../../../src-shared/system-log.ts";
import { useInfiniteProcedure } from "../../api/hooks.ts";
import { Button } from "../../ui/button.tsx";
import { DataState, EmptyState, SkeletonRows } from "../../ui/states.tsx";
import { LogList } from "./log-list.tsx";
import styles from "./log-results.module.css";

const PAGE = 200;
/** Other processes on the same ledger add entries without an event. */
const REFRESH_MS = 5_000;

type LogResultsProps = {
  level: Level | null;
  text: string;
  onText: (text: string) => void;
  onClear: () => void;
};

export function LogResults({ level, text, onText, onClear }: LogResultsProps) {
  const query = useInfiniteProcedure(
    "systemLogs.list",
    { level, text, limit: PAGE },
    { refetchInterval: REFRESH_MS },
  );

  return (
    <div className={styles.results}>
      <DataState query={query} loading={<SkeletonRows rows={16} columns={4} />}>
        {(data) => {
          const logs = data.pages.flatMap((page) => page.logs);
          if (logs.length === 0) {
            return level === null && text === "" ? <EmptyLog /> : <NoMatch onClear={onClear} />;
          }
          return (
            <LogList
              key={`${level} ${text}`}
              logs={logs}
              hasMore={query.hasNextPage}
              loadingMore={query.isFetchingNextPage}
              onMore={() => void query.fetchNextPage()}
              onComponent={onText}
            />
          );
        }}
      </DataState>
    </div>
  );
}

function EmptyLog() {
  return (
    <EmptyState
      icon={ScrollText}
      title="Nothing to tell yet"
      description="Starts and stops, backups, imports, refused records and every trouble will be listed here."
    />
  );
}

function NoMatch({ onClear }: { onClear: () => void }) {
  return (
    <EmptyState
      icon={FilterX}
      title="No entry matches"
      description="No entry has this text at this level or graver."
      actions={<Button onClick={onClear}>Clear the filter</Button>}
    />
  );
}
