import { GitCompareArrows } from "lucide-react";
import { ExportReportButton } from "../../export/export-report-button.tsx";
import { formatNumber } from "../../ui/format.ts";
import { LinkButton } from "../../ui/link.tsx";
import { comparePeriodsHref } from "../compare/compare-href.ts";
import { PeriodPicker, type PeriodPickerProps } from "./period-picker.tsx";

export type PeriodActionsProps = PeriodPickerProps & {
  /** Of the period; null while it is not known. */
  total: number | null;
};

/** What the pages about a period offer: another one, two of them beside each other, and the report. */
export function PeriodActions({ period, state, onChange, total }: PeriodActionsProps) {
  return (
    <>
      <PeriodPicker period={period} state={state} onChange={onChange} />
      <LinkButton href={comparePeriodsHref(state)} icon={GitCompareArrows}>
        Compare
      </LinkButton>
      <ExportReportButton
        input={{ what: "report", ...period.input }}
        summary={`The analytics report of ${total === null ? "all" : formatNumber(total)} messages, ${period.label}`}
      />
    </>
  );
}
