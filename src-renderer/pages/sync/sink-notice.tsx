import { RotateCw } from "lucide-react";
import type { SinkState, SinkStatus } from "../../../src-shared/contract/sync.ts";
import { plural } from "../../../src-shared/plural.ts";
import { useInvalidate, useMutationProcedure } from "../../api/hooks.ts";
import { Button } from "../../ui/button.tsx";
import { FieldError } from "../../ui/text-field.tsx";
import { RelativeTime } from "../../ui/timestamp.tsx";
import { CopySqlButton } from "./copy-sql-button.tsx";
import { nextTryText } from "./forecast.ts";
import styles from "./sink-card.module.css";
import { SINK_STATES } from "./sink-meta.ts";
import { useNow } from "./use-now.ts";

const SQL_FILE = "waybill.sql";

/** It failed, and is tried again by itself or at the operator's word. */
export function isInTrouble(state: SinkState): boolean {
  return state === "retrying" || state === "stopped";
}

/** What it does, or what is wrong and what is done about it. */
export function SinkNotice({ sink }: { sink: SinkStatus }) {
  const { state, message, since_ts, counts, sessions } = sink;
  const parked = counts.parked + (sessions?.parked ?? 0);
  const { tone } = SINK_STATES[state];
  return (
    <div className={styles.notice} data-tone={parked > 0 && tone !== "danger" ? "warning" : tone}>
      {/* Told once when it changes, not with every refresh of the figures. */}
      <p className={styles.long} role="status">
        {parked > 0 && state === "up_to_date" ? `All else has arrived.` : message}
        {parked > 0 && ` ${plural(parked, "change")} ${parked === 1 ? "is" : "are"} parked: see below.`}
      </p>
      {since_ts !== null && state !== "delivering" && (
        <p className={styles.since}>
          Since <RelativeTime ts={since_ts} />
        </p>
      )}
      {isInTrouble(state) && <NextTry sink={sink} />}
      {message.includes(SQL_FILE) && <CopySqlButton />}
    </div>
  );
}

function NextTry({ sink: { sink, next_try_ts } }: { sink: SinkStatus }) {
  const now = useNow();
  const invalidate = useInvalidate();
  const urge = useMutationProcedure("sync.retry", { onSettled: () => invalidate("sync.status") });
  return (
    <div className={styles.next}>
      <p className="tabular">{nextTryText(next_try_ts, now)}</p>
      <Button
        icon={RotateCw}
        size="sm"
        busy={urge.isPending}
        onClick={() => urge.mutate({ sink, parked: [] })}
      >
        Try now
      </Button>
      <FieldError error={urge.error?.message} id={`${sink}-urge-error`} />
    </div>
  );
}
