import { useMemo, useState } from "react";
import { type CompletionOption, completeQuery, type Vocabulary } from "../../../src-shared/query/complete.ts";
import { useProcedure } from "../../api/hooks.ts";

const NOTHING_KNOWN: Vocabulary = { channels: [], templates: [], topics: [], types: [], sessions: [] };
const VOCABULARY_FRESH_MS = 60_000;

export type Completed = { text: string; cursor: number; isWhole: boolean };

export type CompletionState = {
  options: readonly CompletionOption[];
  /** The option that Enter and Tab take; -1 for none. */
  highlighted: number;
  open: boolean;
  setOpen: (open: boolean) => void;
  /** Opens the list first, where it is closed; comes back to "none" after either end. */
  move: (by: number) => void;
  /** The text with the option in it. It is whole when no value is left to be written. */
  accept: (index: number) => Completed | null;
};

/** What may be written where the cursor stands in the query. */
export function useCompletion(text: string, cursor: number): CompletionState {
  const [open, setOpen] = useState(false);
  const [choice, setChoice] = useState({ text, index: -1 });
  const vocabulary = useProcedure(
    "messages.vocabulary",
    {},
    { enabled: open, staleTime: VOCABULARY_FRESH_MS },
  );
  const completion = useMemo(
    () => completeQuery(text, cursor, vocabulary.data ?? NOTHING_KNOWN),
    [text, cursor, vocabulary.data],
  );
  const { options } = completion;
  // What was highlighted belongs to the text that it was offered for.
  const highlighted = open && choice.text === text && choice.index < options.length ? choice.index : -1;
  return {
    options,
    highlighted,
    open: open && options.length > 0,
    setOpen: (next) => {
      setOpen(next);
      setChoice({ text, index: -1 });
    },
    move: (by) => {
      setOpen(true);
      const count = options.length + 1;
      setChoice({
        text,
        index: open ? ((highlighted + 1 + by + count) % count) - 1 : by > 0 ? 0 : options.length - 1,
      });
    },
    accept: (index) => {
      const option = options[index];
      if (option === undefined) return null;
      const isWhole = !/[:.<>]$/.test(option.insert);
      const atEnd = completion.to === text.length;
      const insert = isWhole && atEnd ? `${option.insert} ` : option.insert;
      return {
        text: text.slice(0, completion.from) + insert + text.slice(completion.to),
        cursor: completion.from + insert.length,
        isWhole,
      };
    },
  };
}
