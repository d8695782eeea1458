import type { MessageRecord } from "../../../src-shared/record.ts";
import { type FieldValue, fieldValue } from "./field-value.ts";

export type ColumnKey =
  | "time"
  | "status"
  | "channel"
  | "recipient"
  | "preview"
  | "template"
  | "session"
  | "latency"
  | "error"
  | "topic"
  | "type"
  | "sender"
  | "user"
  | "external"
  | "uuid";

export type Column = {
  key: ColumnKey;
  label: string;
  /** Pixels at first. */
  width: number;
  numeric?: boolean;
  /** Not shown until it is chosen. */
  optional?: boolean;
  /** What "filter by this value" on its cell filters by. */
  filter?: (message: MessageRecord) => FieldValue | null;
};

/** In the order of the table. */
export const COLUMNS: readonly Column[] = [
  { key: "time", label: "Time", width: 146 },
  {
    key: "status",
    label: "Status",
    width: 108,
    filter: ({ status }) => fieldValue("status", status),
  },
  {
    key: "channel",
    label: "Channel",
    width: 88,
    filter: ({ channel }) => fieldValue("channel", channel),
  },
  {
    key: "recipient",
    label: "Recipient",
    width: 168,
    filter: (message) => fieldValue("to", message.destination_subject_ids[0]),
  },
  { key: "preview", label: "Preview", width: 160 },
  {
    key: "template",
    label: "Template",
    width: 136,
    filter: (message) => fieldValue("template", message.template_name ?? message.template_id),
  },
  {
    key: "session",
    label: "Session",
    width: 116,
    filter: (message) => fieldValue("session", message.session_id),
  },
  { key: "latency", label: "Latency", width: 86, numeric: true },
  {
    key: "error",
    label: "Error",
    width: 150,
    filter: (message) => fieldValue("error", message.error_message),
  },
  {
    key: "topic",
    label: "Topic",
    width: 136,
    optional: true,
    filter: ({ topic }) => fieldValue("topic", topic),
  },
  {
    key: "type",
    label: "Type",
    width: 120,
    optional: true,
    filter: (message) => fieldValue("type", message.message_type),
  },
  {
    key: "sender",
    label: "Sender",
    width: 168,
    optional: true,
    filter: (message) => fieldValue("from", message.source_subject_id),
  },
  {
    key: "user",
    label: "User",
    width: 120,
    optional: true,
    filter: (message) => fieldValue("user", message.user_id),
  },
  {
    key: "external",
    label: "External id",
    width: 168,
    optional: true,
    filter: (message) => fieldValue("external", message.external_id),
  },
  { key: "uuid", label: "UUID", width: 288, optional: true },
];

export const MIN_COLUMN_WIDTH = 64;
export const MAX_COLUMN_WIDTH = 1_200;

export type ColumnChoice = {
  hidden: readonly ColumnKey[];
  shown: readonly ColumnKey[];
  widths: Readonly<Partial<Record<ColumnKey, number>>>;
};

/** The choice of one who has not chosen: new columns of a later Waybill come in by their own default. */
export const DEFAULT_CHOICE: ColumnChoice = { hidden: [], shown: [], widths: {} };

export function chosenColumns(choice: ColumnChoice): Column[] {
  const isShown = ({ key, optional }: Column) =>
    optional ? choice.shown.includes(key) : !choice.hidden.includes(key);
  return COLUMNS.filter(isShown).map((column) => ({
    ...column,
    width: choice.widths[column.key] ?? column.width,
  }));
}

export function withColumn(choice: ColumnChoice, key: ColumnKey, show: boolean): ColumnChoice {
  const hidden = choice.hidden.filter((one) => one !== key);
  const shown = choice.shown.filter((one) => one !== key);
  return { ...choice, hidden: show ? hidden : [...hidden, key], shown: show ? [...shown, key] : shown };
}

/** These columns and no others, as far as there are any of them. */
export function withColumnsOnly(choice: ColumnChoice, keys: readonly string[]): ColumnChoice {
  if (!COLUMNS.some(({ key }) => keys.includes(key))) return choice;
  return COLUMNS.reduce((next, { key }) => withColumn(next, key, keys.includes(key)), choice);
}

export function withWidth(choice: ColumnChoice, key: ColumnKey, width: number): ColumnChoice {
  const bounded = Math.round(Math.min(Math.max(width, MIN_COLUMN_WIDTH), MAX_COLUMN_WIDTH));
  return { ...choice, widths: { ...choice.widths, [key]: bounded } };
}

/** These share the room that is left, as long as their widths were not chosen. */
const GROWING: Readonly<Partial<Record<ColumnKey, string>>> = {
  preview: "3fr",
  error: "2fr",
  recipient: "1fr",
};

/** The columns for CSS grid; where none may grow, an empty one takes the rest. */
export function gridTemplate(columns: readonly Column[], choice: ColumnChoice): string {
  const grows = ({ key }: Column) => GROWING[key] !== undefined && choice.widths[key] === undefined;
  const tracks = columns.map((column) =>
    grows(column) ? `minmax(${column.width}px, ${GROWING[column.key]})` : `${column.width}px`,
  );
  return (columns.some(grows) ? tracks : [...tracks, "1fr"]).join(" ");
}

/** Pixels that the columns need at least; a narrower table scrolls sideways. */
export function leastWidth(columns: readonly Column[]): number {
  return columns.reduce((sum, { width }) => sum + width, 0);
}

/** What was stored, as far as it still makes sense. */
export function readChoice(stored: unknown): ColumnChoice {
  if (typeof stored !== "object" || stored === null) return DEFAULT_CHOICE;
  const { hidden, shown, widths } = stored as Record<string, unknown>;
  const keys = (value: unknown): ColumnKey[] =>
    Array.isArray(value) ? COLUMNS.map(({ key }) => key).filter((key) => value.includes(key)) : [];
  const sizes = typeof widths === "object" && widths !== null ? (widths as Record<string, unknown>) : {};
  return COLUMNS.reduce<ColumnChoice>(
    (choice, { key }) => {
      const width = sizes[key];
      return typeof width === "number" && Number.isFinite(width) ? withWidth(choice, key, width) : choice;
    },
    { hidden: keys(hidden), shown: keys(shown), widths: {} },
  );
}
