import { Link } from "wouter";
import { useProcedure } from "../api/hooks.ts";
import { classes } from "../ui/classes.ts";
import { Tooltip } from "../ui/tooltip.tsx";
import styles from "./host-status.module.css";
import { syncSummary } from "./sync-summary.ts";

/** As the state of the host beside it looks. */
const LOOKS = { neutral: null, info: null, success: "ok", warning: "degraded", danger: "failing" } as const;
const REFRESH_MS = 30_000;

/** In the frame wherever something is forwarded: whether it arrives, and what waits. */
export function SyncState() {
  const { data } = useProcedure("sync.status", {}, { refetchInterval: REFRESH_MS });
  const summary = data === undefined ? null : syncSummary(data.sinks);
  if (summary === null) return null;
  const { tone, icon: Icon, text, detail } = summary;
  const look = LOOKS[tone];
  return (
    <Tooltip content={`${detail} Open Sync`} side="bottom">
      <Link className={classes(styles.status, look && styles[look])} href="/sync">
        <Icon aria-hidden size={15} />
        <span className={classes(styles.word, styles.sync, "tabular")}>{text}</span>
      </Link>
    </Tooltip>
  );
}
