import { CircleHelp, Menu as MenuIcon, Moon, Search, Sun } from "lucide-react";
import { useState } from "react";
import { useTheme } from "../theme/use-theme.ts";
import { IconButton } from "../ui/icon-button.tsx";
import { Kbd } from "../ui/kbd.tsx";
import styles from "./frame.module.css";
import { HostStatus } from "./host-status.tsx";
import { MobileNavigation } from "./mobile-navigation.tsx";
import { SyncState } from "./sync-state.tsx";

export type TopbarProps = { onPalette: () => void; onHelp: () => void };

export function Topbar({ onPalette, onHelp }: TopbarProps) {
  const [menuOpen, setMenuOpen] = useState(false);
  const { resolved, setTheme } = useTheme();
  const other = resolved === "dark" ? "light" : "dark";
  return (
    <header className={styles.topbar}>
      <IconButton
        aria-expanded={menuOpen}
        className={styles.menuButton}
        icon={MenuIcon}
        label="Open the navigation"
        onClick={() => setMenuOpen(true)}
      />
      <MobileNavigation open={menuOpen} onOpenChange={setMenuOpen} />
      <button className={styles.search} type="button" onClick={onPalette}>
        <Search aria-hidden size={15} />
        <span>Search or jump to…</span>
        <Kbd keys="mod+k" />
      </button>
      <div className={styles.spring} />
      <SyncState />
      <HostStatus />
      <IconButton
        icon={resolved === "dark" ? Sun : Moon}
        label={`Switch to the ${other} theme`}
        onClick={() => setTheme(other)}
      />
      <IconButton
        className={styles.help}
        icon={CircleHelp}
        label="Keyboard shortcuts"
        shortcut="?"
        onClick={onHelp}
      />
    </header>
  );
}
