import type { LucideIcon } from "lucide-react";

/** One line of the palette. */
export type Command = {
  id: string;
  label: string;
  /** Shown beside the label, quieter. */
  note?: string | undefined;
  /** Other words that people type for it. */
  keywords?: string | undefined;
  icon: LucideIcon;
  /** Its shortcut, in the form that `Kbd` takes. */
  keys?: string | undefined;
  /** Runs once the palette has closed, so that it may move the focus. */
  run: () => void;
  /** `run` puts something in the palette's place: it is not closed first. */
  staysOpen?: boolean | undefined;
};
