import type { Health } from "../../../src-shared/contract/upkeep.ts";
import { useProcedure } from "../../api/hooks.ts";
import { Page } from "../../ui/page.tsx";
import { DataState } from "../../ui/states.tsx";
import { ArchiveCard } from "./archive-card.tsx";
import { BackupsCard } from "./backups-card.tsx";
import { ChecksCard } from "./checks-card.tsx";
import { DatabaseCard } from "./database-card.tsx";
import styles from "./health-page.module.css";
import { HealthSkeleton } from "./health-skeleton.tsx";
import { ProofCard } from "./proof-card.tsx";
import { RecentJobsCard } from "./recent-jobs-card.tsx";
import { StorageCard } from "./storage-card.tsx";
import { UpkeepCard } from "./upkeep-card.tsx";
import { UpkeepProvider } from "./upkeep-provider.tsx";
import { VerdictBanner } from "./verdict-banner.tsx";

/** Sizes and free space change without an event. */
const REFRESH_MS = 15_000;

/** How the ledger is, and everything that keeps it well. */
export function HealthPage() {
  const query = useProcedure("health.get", {}, { refetchInterval: REFRESH_MS });

  return (
    <Page title="Health" description="How the ledger is, and what keeps it well.">
      <UpkeepProvider>
        <DataState query={query} loading={<HealthSkeleton />}>
          {(health) => (
            <div className={styles.page}>
              <VerdictBanner health={health} />
              {health.store === "archive" ? (
                <ArchiveCards health={health} />
              ) : (
                <LedgerCards health={health} />
              )}
            </div>
          )}
        </DataState>
      </UpkeepProvider>
    </Page>
  );
}

function LedgerCards({ health }: { health: Health }) {
  return (
    <>
      <ProofCard health={health} />
      <div className={styles.columns}>
        <div className={styles.column}>
          <ChecksCard checks={health.checks} />
          <UpkeepCard health={health} />
          <RecentJobsCard />
        </div>
        <div className={styles.column}>
          <StorageCard health={health} />
          <DatabaseCard database={health.database} />
          <BackupsCard />
        </div>
      </div>
    </>
  );
}

/** What keeps an archive well belongs to its database server. */
function ArchiveCards({ health }: { health: Health }) {
  return (
    <div className={styles.columns}>
      <div className={styles.column}>
        <ChecksCard checks={health.checks} />
        <RecentJobsCard />
      </div>
      <div className={styles.column}>
        <ArchiveCard database={health.database} />
      </div>
    </div>
  );
}
