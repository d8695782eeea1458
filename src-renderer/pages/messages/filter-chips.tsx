import { X } from "lucide-react";
import { type KeyboardEvent, useRef } from "react";
import { listFilters, withoutFilter } from "../../../src-shared/query/edit.ts";
import styles from "./filter-chips.module.css";

type FilterChipsProps = {
  q: string;
  onChange: (q: string) => void;
  /** The last one went: where the focus goes on. */
  onEmptied: () => void;
};

/** The terms that all have to match, each to be taken away by click, Enter, Delete or Backspace. */
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
      const chips = list.current?.querySelectorAll("button") ?? [];
      chips[Math.min(index, filters.length - 2)]?.focus();
    });
  };
  const onKeyDown = (index: number) => (event: KeyboardEvent) => {
    if (event.key !== "Delete" && event.key !== "Backspace") return;
    event.preventDefault();
    remove(index);
  };

  return (
    <ul ref={list} className={styles.chips} aria-label="Filters">
      {filters.map(({ text, start }, index) => (
        <li key={`${start} ${text}`} className={styles.item}>
          <button
            type="button"
            className={styles.chip}
            aria-label={`Remove filter ${text}`}
            title={`Remove ${text}`}
            onClick={() => remove(index)}
            onKeyDown={onKeyDown(index)}
          >
            <span className={styles.text}>{text}</span>
            <X aria-hidden size={12} />
          </button>
        </li>
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
