import { ArrowDown, ArrowRight, ArrowUp } from "lucide-react";
import { classes } from "../../ui/classes.ts";
import type { Change } from "./change.ts";
import styles from "./delta.module.css";

const ARROWS = { up: ArrowUp, down: ArrowDown, same: ArrowRight } as const;

/** How a figure moved, in words, with its judgement by colour. */
export function Delta({ change }: { change: Change }) {
  const Arrow = ARROWS[change.direction];
  return (
    <span className={classes(styles.delta, change.verdict !== "neutral" && styles[change.verdict])}>
      <Arrow aria-hidden size={13} />
      {change.text}
    </span>
  );
}
