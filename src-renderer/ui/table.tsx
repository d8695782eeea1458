import { ArrowDown, ArrowUp, ChevronsUpDown } from "lucide-react";
import type { ReactNode } from "react";
import { classes } from "./classes.ts";
import styles from "./table.module.css";

/** For tables of some hundred rows at most; longer ones are virtual. */
export function Table({ caption, children }: { caption: string; children: ReactNode }) {
  return (
    <div className={styles.scroll}>
      <table className={styles.table}>
        <caption className="visually-hidden">{caption}</caption>
        {children}
      </table>
    </div>
  );
}

export function TableHead({ children }: { children: ReactNode }) {
  return (
    <thead>
      <tr>{children}</tr>
    </thead>
  );
}

export function TableBody({ children }: { children: ReactNode }) {
  return <tbody>{children}</tbody>;
}

export type RowProps = {
  onOpen?: (() => void) | undefined;
  selected?: boolean | undefined;
  children: ReactNode;
};

/** With `onOpen` the row takes the focus, and opens by click or Enter; a link in it keeps its own. */
export function Row({ onOpen, selected = false, children }: RowProps) {
  return (
    <tr
      aria-selected={selected || undefined}
      className={classes(styles.row, onOpen && styles.openable, selected && styles.selected)}
      tabIndex={onOpen ? 0 : undefined}
      onClick={(event) => {
        if (!isControl(event.target)) onOpen?.();
      }}
      onKeyDown={(event) => {
        if (event.key === "Enter" && event.target === event.currentTarget) onOpen?.();
      }}
    >
      {children}
    </tr>
  );
}

function isControl(target: EventTarget): boolean {
  return target instanceof Element && target.closest("a, button, input, label") !== null;
}

export type HeaderCellProps = {
  /** Left out on a phone. */
  wide?: boolean | undefined;
  numeric?: boolean | undefined;
  width?: number | string | undefined;
  /** Left out: the column can't be sorted; null: it is not the one that is. */
  sort?: "asc" | "desc" | null | undefined;
  onSort?: (() => void) | undefined;
  children?: ReactNode;
};

export function HeaderCell({ numeric, wide, width, sort, onSort, children }: HeaderCellProps) {
  const Arrow = sort === "asc" ? ArrowUp : sort === "desc" ? ArrowDown : ChevronsUpDown;
  return (
    <th
      aria-sort={sort === "asc" ? "ascending" : sort === "desc" ? "descending" : undefined}
      className={classes(numeric && styles.numeric, wide && styles.wide)}
      scope="col"
      style={{ width }}
    >
      {onSort ? (
        <button className={styles.sort} type="button" onClick={onSort}>
          {children}
          <Arrow aria-hidden size={12} />
        </button>
      ) : (
        children
      )}
    </th>
  );
}

export type CellProps = {
  /** Left out on a phone. */
  wide?: boolean | undefined;
  numeric?: boolean | undefined;
  mono?: boolean | undefined;
  truncate?: boolean | undefined;
  title?: string | undefined;
  children?: ReactNode;
};

export function Cell({ numeric, wide, mono, truncate, title, children }: CellProps) {
  return (
    <td
      className={classes(
        numeric && styles.numeric,
        wide && styles.wide,
        mono && "mono",
        truncate && styles.truncated,
      )}
      title={title}
    >
      {children}
    </td>
  );
}
