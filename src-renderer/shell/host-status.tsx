import { CircleCheck, CircleDashed, CircleX, type LucideIcon, TriangleAlert, Unplug } from "lucide-react";
import { Link } from "wouter";
import { classes } from "../ui/classes.ts";
import { formatNumber } from "../ui/format.ts";
import { Tooltip } from "../ui/tooltip.tsx";
import { type HostState, useHostState } from "./host-state.ts";
import styles from "./host-status.module.css";

const LOOKS: Readonly<Record<HostState["level"], readonly [LucideIcon, string]>> = {
  ok: [CircleCheck, "Healthy"],
  degraded: [TriangleAlert, "Degraded"],
  failing: [CircleX, "Failing"],
  down: [Unplug, "Host unreachable"],
  unknown: [CircleDashed, "Connecting"],
};

/** Always in the frame: how the host is, and whether records wait in the spool. */
export function HostStatus() {
  const { level, problems, spooled } = useHostState();
  const [Icon, word] = LOOKS[level];
  return (
    <Tooltip
      content={problems[0] ?? (level === "ok" ? "The host and its ledger are well. Open Health" : word)}
      side="bottom"
    >
      <Link className={classes(styles.status, styles[level])} href="/health">
        <Icon aria-hidden size={15} />
        <span className={styles.word}>{word}</span>
        {spooled > 0 && (
          <span className={classes(styles.spool, "tabular")}>{formatNumber(spooled)} in spool</span>
        )}
      </Link>
    </Tooltip>
  );
}
