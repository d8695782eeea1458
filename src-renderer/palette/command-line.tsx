import { Command as Cmdk } from "cmdk";
import { Kbd } from "../ui/kbd.tsx";
import type { Command } from "./command.ts";
import styles from "./command-palette.module.css";

export function CommandLine({ command, onSelect }: { command: Command; onSelect: () => void }) {
  const { id, label, note, icon: Icon, keys } = command;
  return (
    <Cmdk.Item className={styles.line} value={id} onSelect={onSelect}>
      <Icon className={styles.icon} size={15} aria-hidden />
      <span className={styles.label}>{label}</span>
      {note !== undefined && <span className={styles.note}>{note}</span>}
      {keys !== undefined && (
        <span className={styles.keys}>
          <Kbd keys={keys} />
        </span>
      )}
    </Cmdk.Item>
  );
}
