import type { ReactNode } from "react";
import { Link } from "wouter";
import type { Change } from "./change.ts";
import { Delta } from "./delta.tsx";
import styles from "./kpi-tiles.module.css";

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
