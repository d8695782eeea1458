import { Link } from "wouter";
import { useProcedure } from "../api/hooks.ts";
import { SINK_STATES, SINK_TITLES, worstSink } from "../pages/sync/sink-meta.ts";
import { classes } from "../ui/classes.ts";
import { formatCompact } from "../ui/format.ts";
import { Tooltip } from "../ui/tooltip.tsx";
import styles from "./host-status.module.css";

const LOOKS = {
  neutral: "",
  accent: "",
  info: "",
  success: "ok",
  warning: "degraded",
  danger: "failing",
} as const;
const REFRESH_MS = 30_000;

/** Always in the frame where something is forwarded: whether it arrives, and what waits. */
export function SyncState() {
  const { data } = useProcedure("sync.status", {}, { refetchInterval: REFRESH_MS });
  const on = data?.sinks.filter(({ state }) => state !== "off") ?? [];
  if (on.length === 0) return null;
  const worst = worstSink(on);
  const shown = worst ?? on.find(({ state }) => state !== "up_to_date") ?? on[0];
  if (shown === undefined) return null;
  const { icon: Icon, word, tone } = SINK_STATES[shown.state];
  const waiting = on.reduce((sum, { counts }) => sum + counts.pending, 0);
  const parked = on.reduce((sum, { counts }) => sum + counts.parked, 0);
  const look = LOOKS[parked > 0 && tone !== "danger" ? "warning" : tone];
  const all = worst === null && shown.state === "up_to_date" ? "Forwarding" : SINK_TITLES[shown.sink];
  return (
    <Tooltip content={`${SINK_TITLES[shown.sink]}: ${shown.message} Open Sync`} side="bottom">
      <Link className={classes(styles.status, look !== "" && styles[look])} href="/sync">
        <Icon aria-hidden size={15} />
        <span className={styles.word}>
          {all}: {word.toLowerCase()}
        </span>
        {waiting > 0 && (
          <span className={classes(styles.spool, styles.wideOnly, "tabular")}>
            {formatCompact(waiting)} waiting
          </span>
        )}
        {parked > 0 && (
          <span className={classes(styles.spool, styles.wideOnly, "tabular")}>
            {formatCompact(parked)} parked
          </span>
        )}
      </Link>
    </Tooltip>
  );
}
