import { Ban, Check, ChevronDown, Focus, X } from "lucide-react";
import { type KeyboardEvent, useRef } from "react";
import {
  type FilterChip,
  listFilters,
  onlyFilter,
  withFilterNegated,
  withoutFilter,
} from "../../../src-shared/query/edit.ts";
import { classes } from "../../ui/classes.ts";
import { Menu, MenuItem } from "../../ui/menu.tsx";
import styles from "./filter-chips.module.css";

type FilterChipsProps = {
  q: string;
  onChange: (q: string) => void;
  /** The last one went: where the focus goes on. */
  onEmptied: () => void;
};

/** The terms that all have to match: each is taken away by its cross, Delete or Backspace, and has a menu. */
export function FilterChips({ q, onChange, onEmptied }: FilterChipsProps) {
  const list = useRef<HTMLUListElement>(null);
  const filters = listFilters(q);
  if (filters.length === 0) return null;

  const remove = (index: number) => {
    onChange(withoutFilter(q, index));
    if (filters.length === 1) {
      onEmptied();
      return;
    }
    // The chip that takes the place of the removed one, or the last one.
    requestAnimationFrame(() => {
      const crosses = list.current?.querySelectorAll<HTMLElement>("[data-cross]") ?? [];
      crosses[Math.min(index, filters.length - 2)]?.focus();
    });
  };

  return (
    <ul ref={list} className={styles.chips} aria-label="Filters">
      {filters.map((filter, index) => (
        <Chip
          key={`${filter.start} ${filter.text}`}
          filter={filter}
          isOnly={filters.length === 1}
          onNegate={() => onChange(withFilterNegated(q, index))}
          onOnly={() => onChange(onlyFilter(q, index))}
          onRemove={() => remove(index)}
        />
      ))}
      {filters.length > 1 && (
        <li>
          <button
            type="button"
            className={styles.clear}
            onClick={() => {
              onChange("");
              onEmptied();
            }}
          >
            Clear all
          </button>
        </li>
      )}
    </ul>
  );
}

type ChipProps = {
  filter: FilterChip;
  /** There is no other one that it could stay without. */
  isOnly: boolean;
  onNegate: () => void;
  onOnly: () => void;
  onRemove: () => void;
};

function Chip({ filter: { text, isNegated }, isOnly, onNegate, onOnly, onRemove }: ChipProps) {
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Delete" && event.key !== "Backspace") return;
    event.preventDefault();
    onRemove();
  };
  return (
    <li className={classes(styles.chip, isNegated && styles.negated)}>
      <Menu
        align="start"
        label={`Filter ${text}`}
        trigger={
          <button type="button" className={styles.term} title={text} onKeyDown={onKeyDown}>
            {isNegated && <Ban aria-hidden size={12} />}
            <span className={styles.text}>{text}</span>
            <ChevronDown aria-hidden size={12} />
          </button>
        }
      >
        <MenuItem icon={isNegated ? Check : Ban} onSelect={onNegate}>
          {isNegated ? "Include instead" : "Exclude instead"}
        </MenuItem>
        <MenuItem icon={Focus} disabled={isOnly} onSelect={onOnly}>
          Only this
        </MenuItem>
        <MenuItem icon={X} onSelect={onRemove}>
          Remove
        </MenuItem>
      </Menu>
      <button
        type="button"
        data-cross=""
        className={styles.cross}
        aria-label={`Remove filter ${text}`}
        title={`Remove ${text}`}
        onClick={onRemove}
        onKeyDown={onKeyDown}
      >
        <X aria-hidden size={12} />
      </button>
    </li>
  );
}
