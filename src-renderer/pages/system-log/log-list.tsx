import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowUp } from "lucide-react";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import type { SystemLog } from "../../../src-shared/system-log.ts";
import { Button } from "../../ui/button.tsx";
import { useShortcut } from "../../ui/shortcuts.tsx";
import { LogEntry } from "./log-entry.tsx";
import styles from "./log-list.module.css";

const ROW_HEIGHT_PX = 36;
const ROWS_AHEAD = 40;
const TOP_PX = 8;

type LogListProps = {
  logs: readonly SystemLog[];
  hasMore: boolean;
  loadingMore: boolean;
  onMore: () => void;
  onComponent: (component: string) => void;
};

export function LogList({ logs, hasMore, loadingMore, onMore, onComponent }: LogListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [atTop, setAtTop] = useState(true);
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const [current, setCurrent] = useState<number | null>(null);
  const focusWanted = useRef(false);

  const virtualizer = useVirtualizer({
    count: logs.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT_PX,
    getItemKey: (index) => logs[index]?.id ?? index,
    overscan: 12,
  });
  const items = virtualizer.getVirtualItems();
  const lastSeen = items.at(-1)?.index ?? 0;

  useEffect(() => {
    if (hasMore && !loadingMore && lastSeen > logs.length - ROWS_AHEAD) onMore();
  }, [hasMore, loadingMore, lastSeen, logs.length, onMore]);

  // New entries come in above: who reads further down keeps the place.
  const first = useRef(logs[0]?.id);
  useLayoutEffect(() => {
    const added = logs.findIndex(({ id }) => id === first.current);
    first.current = logs[0]?.id;
    if (added > 0 && !atTop) scroller.current?.scrollBy({ top: added * ROW_HEIGHT_PX });
  }, [logs, atTop]);

  // The row may only be drawn after the scroll, so this runs after each drawing until it is there.
  useEffect(() => {
    if (!focusWanted.current) return;
    const row = scroller.current?.querySelector<HTMLButtonElement>(`[data-log="${current}"]`);
    if (!row) return;
    focusWanted.current = false;
    row.focus({ preventScroll: true });
  });

  function move(step: number) {
    const at = logs.findIndex(({ id }) => id === current);
    const next = Math.min(logs.length - 1, Math.max(0, at === -1 ? 0 : at + step));
    focusWanted.current = true;
    setCurrent(logs[next]?.id ?? null);
    virtualizer.scrollToIndex(next, { align: "auto" });
  }

  function toggle(id: number, show: boolean) {
    setOpen((before) => {
      const after = new Set(before);
      if (show) after.add(id);
      else after.delete(id);
      return after;
    });
  }

  const group = { group: "System log" };
  useShortcut("j", "Next entry", () => move(1), group);
  useShortcut("k", "Previous entry", () => move(-1), group);
  useShortcut("Escape", "Close the entry's details", () => setOpen(new Set()), {
    ...group,
    enabled: open.size > 0,
  });

  return (
    <div className={styles.frame}>
      <div
        ref={scroller}
        className={styles.scroller}
        onScroll={(event) => {
          setAtTop(event.currentTarget.scrollTop <= TOP_PX);
        }}
      >
        <ol
          className={styles.list}
          aria-label="System log, newest first"
          aria-busy={loadingMore}
          style={{ height: virtualizer.getTotalSize() }}
        >
          {items.map((item) => {
            const log = logs[item.index];
            if (log === undefined) return null;
            return (
              <li
                key={item.key}
                ref={virtualizer.measureElement}
                data-index={item.index}
                className={styles.item}
                style={{ transform: `translateY(${item.start}px)` }}
                aria-posinset={item.index + 1}
                aria-setsize={hasMore ? -1 : logs.length}
              >
                <LogEntry
                  log={log}
                  open={open.has(log.id)}
                  onToggle={(show) => toggle(log.id, show)}
                  onFocus={() => setCurrent(log.id)}
                  onComponent={onComponent}
                />
              </li>
            );
          })}
        </ol>
      </div>
      {!atTop && (
        <div className={styles.newest}>
          <Button size="sm" icon={ArrowUp} onClick={() => virtualizer.scrollToIndex(0)}>
            Back to the newest
          </Button>
        </div>
      )}
    </div>
  );
}
