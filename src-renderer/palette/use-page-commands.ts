import { Keyboard } from "lucide-react";
import { NAVIGATION, useNavigate } from "../shell/navigation.ts";
import { type Shortcut, useShortcutList } from "../ui/shortcuts.tsx";
import type { Command } from "./command.ts";

/** These act on what is selected in a list: chosen from here they would mean nothing. */
const LIST_KEYS: ReadonlySet<string> = new Set(["j", "k", "Enter", "Escape", "Space", " "]);
const ELSEWHERE: ReadonlySet<string> = new Set(["Everywhere", "Go to"]);

/** The pages, and what the page that is open offers by its shortcuts. */
export function usePageCommands(): { goTo: readonly Command[]; thisPage: readonly Command[] } {
  const navigate = useNavigate();
  const shortcuts = useShortcutList();
  return {
    goTo: NAVIGATION.map(({ path, label, icon, keys, keywords = "" }) => ({
      id: `page ${path}`,
      label,
      keywords: `go open page ${keywords}`,
      icon,
      keys,
      run: () => navigate(path),
    })),
    thisPage: lastOfEach(shortcuts)
      .filter(({ keys, group }) => !LIST_KEYS.has(keys) && !ELSEWHERE.has(group))
      .map(({ keys, label, run }) => ({ id: `shortcut ${keys}`, label, icon: Keyboard, keys, run })),
  };
}

/** Of several with the same keys, the last one is the one that works. */
function lastOfEach(shortcuts: readonly Shortcut[]): readonly Shortcut[] {
  return [...new Map(shortcuts.map((shortcut) => [shortcut.keys, shortcut])).values()];
}
