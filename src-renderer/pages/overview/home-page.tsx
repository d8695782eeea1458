import { lazy, Suspense, useState } from "react";
import { useInvalidate, useProcedure } from "../../api/hooks.ts";
import { Page } from "../../ui/page.tsx";
import { ErrorState } from "../../ui/states.tsx";
import { OverviewSkeleton } from "./overview-skeleton.tsx";
import { useOverview } from "./use-overview.ts";

// Asked for at once, beside the figures: most ledgers are not empty.
const overviewPage = import("./overview-page.tsx");
const OverviewPage = lazy(async () => ({ default: (await overviewPage).OverviewPage }));
const WelcomePage = lazy(async () => ({
  default: (await import("../welcome/welcome-page.tsx")).WelcomePage,
}));

/** The Overview, or the welcome while there is nothing to look over. */
export function HomePage() {
  const first = useProcedure("messages.search", { q: "", limit: 1 });
  const overview = useOverview();
  const invalidate = useInvalidate();
  const [held, setHeld] = useState(false);
  if (first.data === undefined) {
    return (
      <Page title="Overview">
        {first.error === null ? (
          <OverviewSkeleton />
        ) : (
          <ErrorState error={first.error} onRetry={() => void first.refetch()} />
        )}
      </Page>
    );
  }
  return (
    <Suspense
      fallback={
        <Page title="Overview">
          <OverviewSkeleton />
        </Page>
      }
    >
      {first.data.messages.length === 0 || held ? (
        <WelcomePage onFirstRecord={() => invalidate("messages.search", "stats.overview")} onHold={setHeld} />
      ) : (
        <OverviewPage overview={overview} />
      )}
    </Suspense>
  );
}
