import { CalendarRange } from "lucide-react";
import { useState } from "react";
import { Button } from "../../ui/button.tsx";
import { Popover } from "../../ui/popover.tsx";
import type { Period, PeriodState } from "../overview/period.ts";
import { CustomPeriod } from "../overview/period-picker.tsx";
import type { ChangeCompare } from "./compare-state.ts";

export type OtherPeriodProps = { other: Period | null; state: PeriodState; onChange: ChangeCompare };

/** What a period is compared with: the one before it, or any. */
export function OtherPeriod({ other, state, onChange }: OtherPeriodProps) {
  const [open, setOpen] = useState(false);
  return (
    <Popover
      align="start"
      label="Compare with"
      open={open}
      trigger={<Button icon={CalendarRange}>{other?.label ?? "The period before"}</Button>}
      width={300}
      onOpenChange={setOpen}
    >
      <CustomPeriod
        state={state}
        onApply={(otherFrom, otherTo) => {
          setOpen(false);
          onChange({ otherFrom, otherTo });
        }}
      />
    </Popover>
  );
}
