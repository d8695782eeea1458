import { lazy, type ReactNode, Suspense, useEffect, useMemo, useRef, useState } from "react";
import { useLocation } from "wouter";
import { useShortcut } from "../ui/shortcuts.tsx";
import styles from "./frame.module.css";
import { HostBanner } from "./host-banner.tsx";
import { NAVIGATION, useNavigate } from "./navigation.ts";
import { PaletteContext } from "./palette-state.ts";
import { ShortcutHelp } from "./shortcut-help.tsx";
import { Sidebar } from "./sidebar.tsx";
import { Topbar } from "./topbar.tsx";

const CommandPalette = lazy(async () => ({
  default: (await import("../palette/command-palette.tsx")).CommandPalette,
}));

/** What is around every page. */
export function Frame({ children }: { children: ReactNode }) {
  const [paletteOpen, setPaletteOpen] = useState(false);
  const [helpOpen, setHelpOpen] = useState(false);
  const palette = useMemo(() => ({ open: () => setPaletteOpen(true) }), []);
  const main = useFocusOnNavigation();

  useShortcut("mod+k", "Command palette", () => setPaletteOpen((open) => !open), {
    group: "Everywhere",
    whileTyping: true,
  });
  useShortcut("?", "Keyboard shortcuts", () => setHelpOpen(true), { group: "Everywhere" });
  return (
    <PaletteContext value={palette}>
      <a className={styles.skip} href="#main">
        Skip to the content
      </a>
      <GoShortcuts />
      <div className={styles.frame}>
        <Sidebar />
        <div className={styles.column}>
          <Topbar onHelp={() => setHelpOpen(true)} onPalette={palette.open} />
          <HostBanner />
          <main className={styles.main} id="main" ref={main} tabIndex={-1}>
            {children}
          </main>
        </div>
      </div>
      <ShortcutHelp open={helpOpen} onOpenChange={setHelpOpen} />
      {paletteOpen && (
        <Suspense>
          <CommandPalette open={paletteOpen} onOpenChange={setPaletteOpen} />
        </Suspense>
      )}
    </PaletteContext>
  );
}

function GoShortcuts() {
  return NAVIGATION.map(({ path, label, keys }) => (
    <GoShortcut key={path} keys={keys} label={label} path={path} />
  ));
}

function GoShortcut({ path, label, keys }: { path: string; label: string; keys: string }) {
  const navigate = useNavigate();
  useShortcut(keys, `Go to ${label}`, () => navigate(path), { group: "Go to" });
  return null;
}

/** A new page starts at its top, with the keyboard and the screen reader in it. */
function useFocusOnNavigation() {
  const [path] = useLocation();
  const main = useRef<HTMLElement>(null);
  const previous = useRef(path);
  useEffect(() => {
    if (previous.current === path) return;
    previous.current = path;
    main.current?.scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [path]);
  return main;
}
