import { useUrlState } from "../../shell/url-state.ts";
import { Page } from "../../ui/page.tsx";
import { SegmentedControl } from "../../ui/segmented-control.tsx";
import { ComparePeriods } from "./compare-periods.tsx";
import { CompareSessions } from "./compare-sessions.tsx";
import { COMPARE_DEFAULTS } from "./compare-state.ts";

const KINDS = [
  { value: "periods", label: "Periods" },
  { value: "sessions", label: "Sessions" },
] as const;

/** Two periods or two sessions side by side. */
export function ComparePage() {
  const [state, setState] = useUrlState(COMPARE_DEFAULTS);
  const isSessions = state.what === "sessions";
  return (
    <Page
      actions={
        <SegmentedControl
          label="Compare"
          options={KINDS}
          value={isSessions ? "sessions" : "periods"}
          onValueChange={(what) => setState({ what })}
        />
      }
      title="Compare"
    >
      {isSessions ? (
        <CompareSessions state={state} onChange={setState} />
      ) : (
        <ComparePeriods state={state} onChange={setState} />
      )}
    </Page>
  );
}
