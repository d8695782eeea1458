import { ArrowDown, ArrowRight, ArrowUp } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { classes } from "../../ui/classes.ts";
import type { Change } from "./change.ts";
import styles from "./kpi-tiles.module.css";

const ARROWS = { up: ArrowUp, down: ArrowDown, same: ArrowRight } as const;

export type KpiTileProps = {
  label: string;
  value: string;
  change: Change | null;
  /** The figure of the period before, written like `value`. */
  previous: string;
  previousLabel: string;
  href: string;
  chart?: ReactNode;
};

export function KpiTile({ label, value, change, previous, previousLabel, href, chart }: KpiTileProps) {
  return (
    <Link className={styles.tile} href={href}>
      <span className={styles.label}>{label}</span>
      <span className={styles.valueRow}>
        <span className={styles.value}>{value}</span>
        {chart}
      </span>
      <span className={styles.change}>
        {change === null ? (
          <span title={`In the ${previousLabel}`}>Nothing to compare with</span>
        ) : (
          <>
            <Delta change={change} />
            <span title={`In the ${previousLabel}`}>
              <span className="visually-hidden">{previousLabel}: </span>
              <span aria-hidden>from </span>
              {previous}
            </span>
          </>
        )}
      </span>
    </Link>
  );
}

function Delta({ change }: { change: Change }) {
  const Arrow = ARROWS[change.direction];
  return (
    <span className={classes(styles.delta, change.verdict !== "neutral" && styles[change.verdict])}>
      <Arrow aria-hidden size={13} />
      {change.text}
    </span>
  );
}
