import { ExportReportButton } from "../../export/export-report-button.tsx";
import { useUrlState } from "../../shell/url-state.ts";
import { Page } from "../../ui/page.tsx";
import { readLevel } from "./level-meta.ts";
import { LogFilter } from "./log-filter.tsx";
import { LogResults } from "./log-results.tsx";
import { logSummary } from "./log-summary.ts";

const DEFAULTS = { level: "", q: "" };

/** Waybill's own events and those its callers add, newest first; the address holds the filter. */
export function SystemLogPage() {
  const [state, setState] = useUrlState(DEFAULTS);
  const level = readLevel(state.level);

  return (
    <Page
      fill
      title="System log"
      description="What Waybill did and met, newest first."
      actions={
        <ExportReportButton
          input={{ what: "system_logs", level, text: state.q }}
          summary={logSummary(level, state.q)}
        />
      }
      toolbar={
        <LogFilter
          level={level}
          text={state.q}
          onLevel={(next) => setState({ level: next ?? "" })}
          onText={(next) => setState({ q: next }, { replace: true })}
        />
      }
    >
      <LogResults
        level={level}
        text={state.q}
        onText={(next) => setState({ q: next })}
        onClear={() => setState(DEFAULTS)}
      />
    </Page>
  );
}
