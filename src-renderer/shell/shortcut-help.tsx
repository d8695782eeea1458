import { Dialog } from "../ui/dialog.tsx";
import { Kbd } from "../ui/kbd.tsx";
import { type Shortcut, useShortcutList } from "../ui/shortcuts.tsx";
import styles from "./shortcut-help.module.css";

export type ShortcutHelpProps = { open: boolean; onOpenChange: (open: boolean) => void };

export function ShortcutHelp({ open, onOpenChange }: ShortcutHelpProps) {
  const shortcuts = useShortcutList();
  return (
    <Dialog open={open} size="lg" title="Keyboard shortcuts" onOpenChange={onOpenChange}>
      <div className={styles.groups}>
        {[...byGroup(shortcuts)].map(([group, entries]) => (
          <section key={group}>
            <h3 className={styles.heading}>{group}</h3>
            <ul>
              {entries.map(({ keys, label }) => (
                <li className={styles.row} key={keys}>
                  {label}
                  <Kbd keys={keys} />
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
    </Dialog>
  );
}

/** Of several with the same keys, the last one is the one that works. */
function byGroup(shortcuts: readonly Shortcut[]): Map<string, Shortcut[]> {
  const working = new Map(shortcuts.map((shortcut) => [shortcut.keys, shortcut]));
  return Map.groupBy(working.values(), ({ group }) => group);
}
