import { CircleCheck, Search, SearchX } from "lucide-react";
import { useRef, useState } from "react";
import type { Fingerprints } from "../../../src-shared/contract/statistics.ts";
import { plural } from "../../../src-shared/plural.ts";
import { useProcedure } from "../../api/hooks.ts";
import { useUrlState } from "../../shell/url-state.ts";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { formatNumber } from "../../ui/format.ts";
import { Kbd } from "../../ui/kbd.tsx";
import { Page } from "../../ui/page.tsx";
import { useShortcut } from "../../ui/shortcuts.tsx";
import { DataState, EmptyState, SkeletonRows } from "../../ui/states.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { useDebounced } from "../../ui/use-debounced.ts";
import { PERIOD_DEFAULTS, type Period, periodQuery, readPeriod } from "../overview/period.ts";
import { PeriodPicker } from "../overview/period-picker.tsx";
import styles from "./failures-page.module.css";
import { FingerprintTable } from "./fingerprint-table.tsx";

const DEFAULTS = { ...PERIOD_DEFAULTS, text: "", sort: "count", direction: "desc" } as const;
const PAUSE_MS = 250;
const SHOWN_AT_FIRST = 50;
const MOST_SHOWN = 500;

/** Why messages fail: error texts clustered into reasons, with their course. */
export function FailuresPage() {
  const [state, setState] = useUrlState(DEFAULTS);
  const period = readPeriod(state);
  const text = useDebounced(state.text, PAUSE_MS).trim();
  const field = useRef<HTMLInputElement>(null);
  const [all, setAll] = useState(false);
  const query = useProcedure(
    "stats.fingerprints",
    { ...period.input, text, limit: all ? MOST_SHOWN : SHOWN_AT_FIRST },
    { keepPrevious: true },
  );
  useShortcut("/", "Find a reason", () => field.current?.select(), { group: "Failures" });
  const clear = () => setState({ text: "" }, { replace: true });
  return (
    <Page
      title="Failures"
      description={query.data === undefined ? "Reasons of failures" : summary(query.data, period)}
      actions={<PeriodPicker period={period} state={state} onChange={setState} />}
      toolbar={
        <TextField
          ref={field}
          label="Find a reason"
          hideLabel
          icon={Search}
          placeholder="Find by the text of the error"
          value={state.text}
          after={state.text === "" ? <Kbd keys="/" /> : undefined}
          onChange={(event) => setState({ text: event.target.value }, { replace: true })}
          onKeyDown={(event) => {
            if (event.key !== "Escape") return;
            if (state.text === "") event.currentTarget.blur();
            else clear();
          }}
        />
      }
    >
      <Card flush>
        <DataState loading={<SkeletonRows rows={8} columns={5} />} query={query}>
          {(data) => (
            <div aria-busy={query.isPlaceholderData} className={styles.results}>
              {data.fingerprints.length === 0 ? (
                <NoFailures text={text} period={period} onClear={clear} />
              ) : (
                <FingerprintTable
                  data={data}
                  query={periodQuery(period, data)}
                  sort={state.sort}
                  direction={state.direction === "asc" ? "asc" : "desc"}
                  onSort={(sort, direction) => setState({ sort, direction }, { replace: true })}
                />
              )}
              <Rest data={data} onAll={all ? undefined : () => setAll(true)} />
            </div>
          )}
        </DataState>
      </Card>
    </Page>
  );
}

function summary({ total, found, fingerprints }: Fingerprints, { label }: Period): string {
  const fresh = fingerprints.filter(({ is_new }) => is_new).length;
  const news = fresh === 0 ? "" : `, ${formatNumber(fresh)} of them new`;
  return `${plural(total, "failure")} with ${plural(found, "reason")}${news}: ${label}`;
}

type RestProps = { data: Fingerprints; onAll: (() => void) | undefined };

/** What the table does not show. */
function Rest({ data: { found, fingerprints, other }, onAll }: RestProps) {
  const hidden = found - fingerprints.length;
  if (hidden <= 0 && other === 0) return null;
  return (
    <div className={styles.rest}>
      {hidden > 0 &&
        (onAll === undefined ? (
          <p>{plural(hidden, "rarer reason")} not shown: narrow the text or the period.</p>
        ) : (
          <Button size="sm" variant="ghost" onClick={onAll}>
            Show {plural(hidden, "rarer reason")}
          </Button>
        ))}
      {other > 0 && (
        <p>{plural(other, "failure")} had one of many more reasons, which are not counted one by one.</p>
      )}
    </div>
  );
}

type NoFailuresProps = { text: string; period: Period; onClear: () => void };

function NoFailures({ text, period, onClear }: NoFailuresProps) {
  if (text === "") {
    return (
      <EmptyState
        icon={CircleCheck}
        title="No failures"
        description={`No message met an error: ${period.label}.`}
      />
    );
  }
  return (
    <EmptyState
      icon={SearchX}
      title="No reason matches"
      description={`No error of this period has “${text}” in it.`}
      actions={<Button onClick={onClear}>Clear the search</Button>}
    />
  );
}
