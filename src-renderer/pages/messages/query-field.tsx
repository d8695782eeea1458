import { CornerDownLeft, Search, X } from "lucide-react";
import {
  type KeyboardEvent,
  type RefObject,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { parseQuery, type QueryError } from "../../../src-shared/query/parse.ts";
import { classes } from "../../ui/classes.ts";
import { IconButton } from "../../ui/icon-button.tsx";
import { Kbd } from "../../ui/kbd.tsx";
import { QueryErrorText } from "./query-error.tsx";
import styles from "./query-field.module.css";
import { type Completed, useCompletion } from "./use-completion.ts";

/** A mistake is told once the typing pauses. */
const PAUSE_MS = 600;

type QueryFieldProps = {
  /** The query that is shown. */
  q: string;
  onSearch: (q: string) => void;
  inputRef: RefObject<HTMLInputElement | null>;
};

/** The search field: a combobox that completes the query language, and searches on Enter. */
export function QueryField({ q, onSearch, inputRef }: QueryFieldProps) {
  const [text, setText] = useState(q);
  const [cursor, setCursor] = useState(q.length);
  const [askedFor, setAskedFor] = useState(q);
  const [error, setError] = useState<QueryError | null>(() => errorOf(q));
  const placeCursor = useRef<number | null>(null);
  const completion = useCompletion(text, cursor);
  const id = useId();

  // A chip, the brush or Back changed the query.
  if (q !== askedFor) {
    setAskedFor(q);
    setText(q);
    setCursor(q.length);
    setError(errorOf(q));
  }

  useLayoutEffect(() => {
    if (placeCursor.current === null) return;
    inputRef.current?.setSelectionRange(placeCursor.current, placeCursor.current);
    placeCursor.current = null;
  });

  useEffect(() => {
    const timer = setTimeout(() => {
      const found = errorOf(text);
      // What stands at the end is still being written.
      if (found === null || found.position + found.length < text.trimEnd().length) setError(found);
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);

  const change = (next: string, at: number) => {
    setText(next);
    setCursor(at);
    if (error !== null && errorOf(next) === null) setError(null);
  };
  const search = (wanted: string) => {
    const trimmed = wanted.trim();
    const found = errorOf(trimmed);
    setError(found);
    completion.setOpen(false);
    if (found !== null) return;
    setAskedFor(trimmed);
    onSearch(trimmed);
  };
  const take = (completed: Completed | null) => {
    if (completed === null) return;
    change(completed.text, completed.cursor);
    placeCursor.current = completed.cursor;
    inputRef.current?.focus();
    if (completed.isWhole && errorOf(completed.text) === null) search(completed.text);
  };

  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      completion.move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter") {
      if (completion.highlighted === -1) search(text);
      else take(completion.accept(completion.highlighted));
    } else if (event.key === "Tab" && completion.highlighted !== -1 && !event.shiftKey) {
      take(completion.accept(completion.highlighted));
    } else if (event.key === "Escape") {
      if (completion.open) completion.setOpen(false);
      else if (text !== q) change(q, q.length);
      else inputRef.current?.blur();
    } else return;
    event.preventDefault();
  };

  return (
    <search className={styles.field}>
      <div className={styles.control} data-invalid={error !== null}>
        <Search aria-hidden size={15} />
        <input
          ref={inputRef}
          id={id}
          type="text"
          role="combobox"
          aria-label="Search messages"
          aria-autocomplete="list"
          aria-expanded={completion.open}
          aria-controls={`${id}-options`}
          aria-activedescendant={
            completion.highlighted === -1 ? undefined : `${id}-option-${completion.highlighted}`
          }
          aria-invalid={error !== null || undefined}
          aria-describedby={error === null ? undefined : `${id}-error`}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          enterKeyHint="search"
          placeholder="Search text, or filter: status:failed channel:email after:7d"
          className={styles.input}
          value={text}
          onChange={(event) => {
            change(event.target.value, event.target.selectionStart ?? event.target.value.length);
            completion.setOpen(true);
          }}
          onSelect={(event) => setCursor(event.currentTarget.selectionStart ?? text.length)}
          onClick={() => completion.setOpen(true)}
          onBlur={() => completion.setOpen(false)}
          onKeyDown={onKeyDown}
        />
        {text.trim() !== q && (
          <span className={styles.enter} title="Press Enter to search">
            <CornerDownLeft aria-hidden size={13} />
          </span>
        )}
        {text === "" ? (
          <Kbd keys="/" />
        ) : (
          <IconButton
            icon={X}
            size="sm"
            label="Clear the search"
            onClick={() => {
              change("", 0);
              inputRef.current?.focus();
              search("");
            }}
          />
        )}
      </div>
      {completion.open && (
        <div id={`${id}-options`} role="listbox" aria-label="Completions" className={styles.options}>
          {completion.options.map((option, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the keys.
            // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the field.
            <div
              key={option.label}
              id={`${id}-option-${index}`}
              role="option"
              aria-selected={index === completion.highlighted}
              ref={index === completion.highlighted ? scrollIntoView : undefined}
              className={classes(styles.option, index === completion.highlighted && styles.highlighted)}
              // The field would lose the focus, and the list close, before the click.
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => take(completion.accept(index))}
            >
              <span className={styles.optionLabel}>{option.label}</span>
              <span className={styles.optionDetail}>{option.detail}</span>
            </div>
          ))}
        </div>
      )}
      {error !== null && <QueryErrorText id={`${id}-error`} text={text} error={error} />}
    </search>
  );
}

function errorOf(text: string): QueryError | null {
  const parsed = parseQuery(text, Date.now());
  return parsed.ok ? null : parsed.error;
}

function scrollIntoView(element: HTMLElement | null): void {
  element?.scrollIntoView({ block: "nearest" });
}
