import type { UseQueryResult } from "@tanstack/react-query";
import type { Overview } from "../../../src-shared/contract/statistics.ts";
import type { WaybillError } from "../../../src-shared/errors.ts";
import { useProcedure } from "../../api/hooks.ts";
import { useUrlState } from "../../shell/url-state.ts";
import { PERIOD_DEFAULTS, type Period, type PeriodState, readPeriod } from "./period.ts";

export type OverviewState = {
  period: Period;
  state: PeriodState;
  setState: (state: Partial<PeriodState>) => void;
  /** Local time is this much ahead of UTC. */
  offsetMinutes: number;
  query: UseQueryResult<Overview, WaybillError>;
};

/** The period in the address, and its figures. */
export function useOverview(): OverviewState {
  const [state, setState] = useUrlState(PERIOD_DEFAULTS);
  const period = readPeriod(state);
  const offsetMinutes = -new Date().getTimezoneOffset();
  const query = useProcedure(
    "stats.overview",
    { ...period.input, utc_offset_minutes: offsetMinutes },
    { keepPrevious: true },
  );
  return { period, state, setState, offsetMinutes, query };
}
