import { useCallback, useMemo, useState } from "react";
import {
  type Column,
  type ColumnChoice,
  type ColumnKey,
  chosenColumns,
  DEFAULT_CHOICE,
  gridTemplate,
  leastWidth,
  readChoice,
  withColumn,
  withColumnsOnly,
  withWidth,
} from "./columns.ts";

const STORAGE_KEY = "waybill.messages.columns";

export type ColumnState = {
  columns: readonly Column[];
  /** For `grid-template-columns`. */
  template: string;
  /** Pixels; a narrower table scrolls sideways. */
  leastWidth: number;
  isDefault: boolean;
  show: (key: ColumnKey, show: boolean) => void;
  /** Shows these and no others, which is not kept in this browser; null brings back what is. */
  lend: (keys: readonly string[] | null) => void;
  resize: (key: ColumnKey, width: number) => void;
  reset: () => void;
};

/** The columns of the message table, as chosen in this browser. */
export function useColumns(): ColumnState {
  const [own, setOwn] = useState(load);
  const [lent, setLent] = useState<ColumnChoice | null>(null);
  const choice = lent ?? own;
  const isLent = lent !== null;
  const change = useCallback(
    (next: (old: ColumnChoice) => ColumnChoice) => {
      if (isLent) {
        setLent((old) => (old === null ? old : next(old)));
        return;
      }
      setOwn((old) => {
        const chosen = next(old);
        save(chosen);
        return chosen;
      });
    },
    [isLent],
  );
  const columns = useMemo(() => chosenColumns(choice), [choice]);
  return {
    columns,
    template: gridTemplate(columns, choice),
    leastWidth: leastWidth(columns),
    isDefault: choice === DEFAULT_CHOICE,
    show: useCallback((key, show) => change((old) => withColumn(old, key, show)), [change]),
    lend: useCallback((keys) => setLent(keys === null ? null : withColumnsOnly(DEFAULT_CHOICE, keys)), []),
    resize: useCallback((key, width) => change((old) => withWidth(old, key, width)), [change]),
    reset: useCallback(() => change(() => DEFAULT_CHOICE), [change]),
  };
}

function load(): ColumnChoice {
  try {
    const stored = localStorage.getItem(STORAGE_KEY);
    return stored === null ? DEFAULT_CHOICE : readChoice(JSON.parse(stored));
  } catch {
    // A browser without storage, or text that is not ours: the default is as good as any.
    return DEFAULT_CHOICE;
  }
}

function save(choice: ColumnChoice): void {
  try {
    if (choice === DEFAULT_CHOICE) localStorage.removeItem(STORAGE_KEY);
    else localStorage.setItem(STORAGE_KEY, JSON.stringify(choice));
  } catch {
    // Without storage the choice lasts as long as the page.
  }
}
