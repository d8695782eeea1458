import { Compass } from "lucide-react";
import { type ComponentType, lazy, Suspense } from "react";
import { Route, Switch, useLocation } from "wouter";
import { LinkButton } from "../ui/link.tsx";
import { Page } from "../ui/page.tsx";
import { EmptyState } from "../ui/states.tsx";
import { ErrorBoundary } from "./error-boundary.tsx";
import { PageSkeleton } from "./page-skeleton.tsx";

/** Each page is a bundle of its own, so that charts do not hold up a search. */
function page<Props extends object>(load: () => Promise<ComponentType<Props>>) {
  return lazy(async () => ({ default: await load() }));
}

const HomePage = page(async () => (await import("../pages/overview/home-page.tsx")).HomePage);
const MessagesPage = page(async () => (await import("../pages/messages/messages-page.tsx")).MessagesPage);
const FailuresPage = page(async () => (await import("../pages/failures/failures-page.tsx")).FailuresPage);
const SessionsPage = page(async () => (await import("../pages/sessions/sessions-page.tsx")).SessionsPage);
const SessionPage = page(async () => (await import("../pages/sessions/session-page.tsx")).SessionPage);
const AnalyticsPage = page(async () => (await import("../pages/analytics/analytics-page.tsx")).AnalyticsPage);
const ComparePage = page(async () => (await import("../pages/compare/compare-page.tsx")).ComparePage);
const SystemLogPage = page(
  async () => (await import("../pages/system-log/system-log-page.tsx")).SystemLogPage,
);
const SyncPage = page(async () => (await import("../pages/sync/sync-page.tsx")).SyncPage);
const HealthPage = page(async () => (await import("../pages/health/health-page.tsx")).HealthPage);
const SettingsPage = page(async () => (await import("../pages/settings/settings-page.tsx")).SettingsPage);

export function Routes() {
  const [path] = useLocation();
  return (
    <ErrorBoundary resetOn={path}>
      <Suspense fallback={<PageSkeleton />}>
        <Switch>
          <Route component={HomePage} path="/" />
          <Route component={MessagesPage} path="/messages" />
          <Route component={FailuresPage} path="/failures" />
          <Route component={SessionsPage} path="/sessions" />
          <Route path="/sessions/:id">{({ id }) => <SessionPage sessionId={id} />}</Route>
          <Route component={AnalyticsPage} path="/analytics" />
          <Route component={ComparePage} path="/compare" />
          <Route component={SyncPage} path="/sync" />
          <Route component={SystemLogPage} path="/system-log" />
          <Route component={HealthPage} path="/health" />
          <Route component={SettingsPage} path="/settings" />
          <Route component={NotFoundPage} />
        </Switch>
      </Suspense>
    </ErrorBoundary>
  );
}

function NotFoundPage() {
  return (
    <Page title="Page not found">
      <EmptyState
        actions={
          <LinkButton href="/" variant="primary">
            Go to the overview
          </LinkButton>
        }
        description="The address leads to no page of Waybill. It may be from another version, or mistyped."
        icon={Compass}
        title="There is nothing here"
      />
    </Page>
  );
}
