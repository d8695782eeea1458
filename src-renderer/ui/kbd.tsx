import styles from "./kbd.module.css";

const IS_MAC = /Mac|iPhone|iPad/.test(navigator.platform);

const NAMES: Readonly<Record<string, string>> = {
  mod: IS_MAC ? "⌘" : "Ctrl",
  shift: "⇧",
  escape: "Esc",
  enter: "↵",
  arrowup: "↑",
  arrowdown: "↓",
};

/** Keys as caps: `g o` one after the other, `mod+k` together. */
export function Kbd({ keys }: { keys: string }) {
  const caps = keys
    .split(" ")
    .flatMap((chord) => (chord === "+" ? ["+"] : chord.split("+")))
    .map((key, place) => ({
      id: `${place} ${key}`,
      name: NAMES[key.toLowerCase()] ?? (key.length === 1 ? key.toUpperCase() : key),
    }));
  return (
    <span className={styles.keys}>
      {caps.map((cap) => (
        <kbd className={styles.key} key={cap.id}>
          {cap.name}
        </kbd>
      ))}
    </span>
  );
}
