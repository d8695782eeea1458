import {
  createContext,
  type ReactNode,
  useContext,
  useEffect,
  useEffectEvent,
  useState,
  useSyncExternalStore,
} from "react";

const SEQUENCE_MS = 1_200;

/** What has the keyboard for itself while it is open. */
const COVERS = "[data-modal], [role='menu'][data-state='open'], [role='listbox'][data-state='open']";

export type Shortcut = { keys: string; label: string; group: string; run: () => void };

export type ShortcutOptions = {
  enabled?: boolean | undefined;
  /** The heading it stands under in the help. */
  group?: string | undefined;
  /** Also while a field has the focus, for chords that type nothing. */
  whileTyping?: boolean | undefined;
};

type Entry = Shortcut & { whileTyping: boolean };

type Registry = {
  add(entry: Entry): () => void;
  list(): readonly Entry[];
  subscribe(listener: () => void): () => void;
};

const ShortcutContext = createContext<Registry | null>(null);

function useRegistry(): Registry {
  const registry = useContext(ShortcutContext);
  if (registry === null) throw new Error("Shortcuts need a ShortcutProvider above them");
  return registry;
}

function createRegistry(): Registry {
  let entries: readonly Entry[] = [];
  const listeners = new Set<() => void>();
  const change = (next: readonly Entry[]) => {
    entries = next;
    for (const listener of listeners) listener();
  };
  return {
    add(entry) {
      change([...entries, entry]);
      return () => change(entries.filter((one) => one !== entry));
    },
    list: () => entries,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export function ShortcutProvider({ children }: { children: ReactNode }) {
  const [registry] = useState(createRegistry);
  useEffect(() => {
    let pressed: readonly string[] = [];
    let pressedAt = 0;
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || isModifier(event.key)) return;
      if (event.timeStamp - pressedAt > SEQUENCE_MS) pressed = [];
      pressedAt = event.timeStamp;
      pressed = [...pressed, chordOf(event)].slice(-2);
      const isTyping = isTypingIn(event.target);
      const isCovered = document.querySelector(COVERS) !== null;
      const found = registry
        .list()
        .filter((entry) => endsWith(pressed, entry.keys) && (entry.whileTyping || !(isTyping || isCovered)))
        // "g s" is meant as a whole, also where the page has an "s" of its own.
        .toSorted((a, b) => chordsOf(a.keys).length - chordsOf(b.keys).length)
        .at(-1);
      if (found === undefined) return;
      event.preventDefault();
      pressed = [];
      found.run();
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, [registry]);
  return <ShortcutContext value={registry}>{children}</ShortcutContext>;
}

/** Runs `handler` on these keys while mounted; of several with the same keys, the last one mounted. */
export function useShortcut(
  keys: string,
  label: string,
  handler: () => void,
  { enabled = true, group = "This page", whileTyping = false }: ShortcutOptions = {},
): void {
  const registry = useRegistry();
  const run = useEffectEvent(handler);
  useEffect(
    () => (enabled ? registry.add({ keys, label, group, whileTyping, run: () => run() }) : undefined),
    [registry, keys, label, enabled, group, whileTyping],
  );
}

/** Every shortcut that works now, for the help and the command palette. */
export function useShortcutList(): readonly Shortcut[] {
  const registry = useRegistry();
  return useSyncExternalStore(registry.subscribe, registry.list);
}

function isModifier(key: string): boolean {
  return ["Shift", "Control", "Alt", "Meta"].includes(key);
}

/** `mod+k`, `Escape`, `?`: Shift is in the character itself. */
function chordOf(event: KeyboardEvent): string {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return `${event.ctrlKey || event.metaKey ? "mod+" : ""}${event.altKey ? "alt+" : ""}${key}`;
}

function chordsOf(keys: string): string[] {
  return keys.split(" ");
}

function endsWith(pressed: readonly string[], keys: string): boolean {
  const wanted = chordsOf(keys);
  return wanted.every((chord, index) => pressed[pressed.length - wanted.length + index] === chord);
}

function isTypingIn(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.matches("textarea, select")) return true;
  return (
    target instanceof HTMLInputElement && !["checkbox", "radio", "button", "range"].includes(target.type)
  );
}
