import { CalendarRange } from "lucide-react";
import { useState } from "react";
import { DAY_MS } from "../../../src-shared/time.ts";
import { Button } from "../../ui/button.tsx";
import { Popover } from "../../ui/popover.tsx";
import { SegmentedControl } from "../../ui/segmented-control.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { CUSTOM, type Period, type PeriodState, PRESETS, parseLocalDate, writeLocalDate } from "./period.ts";
import styles from "./period-picker.module.css";

export type PeriodPickerProps = {
  period: Period;
  state: PeriodState;
  onChange: (state: Partial<PeriodState>) => void;
};

export function PeriodPicker({ period, state, onChange }: PeriodPickerProps) {
  const [open, setOpen] = useState(false);
  const isCustom = period.choice === CUSTOM;
  return (
    <div className={styles.picker}>
      <SegmentedControl
        label="Period"
        options={PRESETS}
        value={period.choice}
        onValueChange={(value) => onChange({ period: value, from: "", to: "" })}
      />
      <Popover
        align="end"
        label="Custom period"
        open={open}
        trigger={
          <Button aria-pressed={isCustom} icon={CalendarRange}>
            {isCustom ? period.label : "Custom"}
          </Button>
        }
        width={300}
        onOpenChange={setOpen}
      >
        <CustomPeriod
          state={state}
          onApply={(from, to) => {
            setOpen(false);
            onChange({ period: CUSTOM, from, to });
          }}
        />
      </Popover>
    </div>
  );
}

type CustomPeriodProps = { state: PeriodState; onApply: (from: string, to: string) => void };

/** Two dates to choose. */
export function CustomPeriod({ state, onApply }: CustomPeriodProps) {
  const today = writeLocalDate(new Date());
  const [from, setFrom] = useState(state.from || writeLocalDate(new Date(Date.now() - 30 * DAY_MS)));
  const [to, setTo] = useState(state.to || today);
  const [error, setError] = useState<string | null>(null);

  const apply = () => {
    const start = parseLocalDate(from);
    const end = parseLocalDate(to);
    if (start === null || end === null) setError("Choose both dates.");
    else if (start > end) setError("The first day is after the last.");
    else onApply(from, to);
  };
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        apply();
      }}
    >
      <div className={styles.dates}>
        <TextField
          label="First day"
          max={today}
          required
          type="date"
          value={from}
          onChange={(event) => setFrom(event.target.value)}
        />
        <TextField
          label="Last day"
          max={today}
          required
          type="date"
          value={to}
          onChange={(event) => setTo(event.target.value)}
        />
      </div>
      {error !== null && (
        <p role="alert" style={{ color: "var(--danger-text)" }}>
          {error}
        </p>
      )}
      <div className={styles.foot}>
        <Button type="submit" variant="primary">
          Show
        </Button>
      </div>
    </form>
  );
}
