import { Search, X } from "lucide-react";
import { useEffect, useEffectEvent, useRef, useState } from "react";
import type { Level } from "../../../src-shared/system-log.ts";
import { IconButton } from "../../ui/icon-button.tsx";
import { Select } from "../../ui/select.tsx";
import { useShortcut } from "../../ui/shortcuts.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { useDebounced } from "../../ui/use-debounced.ts";
import { LEVEL_CHOICES, LEVEL_META, readLevel } from "./level-meta.ts";
import styles from "./log-filter.module.css";

const TYPING_PAUSE_MS = 200;

const LEVEL_OPTIONS = LEVEL_CHOICES.map(({ value, label }) =>
  value === "" ? { value, label } : { value, label, icon: LEVEL_META[value].icon },
);

type LogFilterProps = {
  level: Level | null;
  text: string;
  onLevel: (level: Level | null) => void;
  onText: (text: string) => void;
};

export function LogFilter({ level, text, onLevel, onText }: LogFilterProps) {
  const [draft, setDraft] = useState(text);
  const field = useRef<HTMLInputElement>(null);
  const settled = useDebounced(draft, TYPING_PAUSE_MS);
  const apply = useEffectEvent((next: string) => {
    if (next !== text) onText(next);
  });

  // Back, links and "Clear" change the text from outside.
  useEffect(() => setDraft(text), [text]);
  useEffect(() => apply(settled), [settled]);

  useShortcut("/", "Filter the system log", () => field.current?.focus(), { group: "System log" });

  function clear() {
    setDraft("");
    onText("");
    field.current?.focus();
  }

  return (
    <search className={styles.filter}>
      <div className={styles.text}>
        <TextField
          ref={field}
          label="Filter by text or component"
          hideLabel
          placeholder="Filter by text or component"
          icon={Search}
          value={draft}
          onChange={(event) => setDraft(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter") onText(draft);
            if (event.key !== "Escape") return;
            event.stopPropagation();
            field.current?.blur();
          }}
          after={
            draft === "" ? undefined : (
              <IconButton size="sm" icon={X} label="Clear the text" onClick={clear} />
            )
          }
        />
      </div>
      <Select
        label="Level"
        hideLabel
        value={level ?? ""}
        onValueChange={(value) => onLevel(readLevel(value))}
        options={LEVEL_OPTIONS}
      />
    </search>
  );
}
