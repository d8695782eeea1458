import { CopyButton } from "../../ui/copy-button.tsx";
import styles from "./path-value.module.css";

/** A path cut on the left where it does not fit: its end tells more than its start. */
export function PathValue({ path, label }: { path: string; label: string }) {
  return (
    <span className={styles.path}>
      <span className={`${styles.text} mono`} title={path}>
        <bdi>{path}</bdi>
      </span>
      <CopyButton value={path} label={label} />
    </span>
  );
}
