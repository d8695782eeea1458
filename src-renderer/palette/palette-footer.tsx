import { Kbd } from "../ui/kbd.tsx";
import styles from "./command-palette.module.css";

export function PaletteFooter() {
  return (
    <p className={styles.footer}>
      <span>
        <Kbd keys="ArrowUp ArrowDown" /> to move
      </span>
      <span>
        <Kbd keys="Enter" /> to choose
      </span>
      <span>
        <Kbd keys="Escape" /> to close
      </span>
    </p>
  );
}
