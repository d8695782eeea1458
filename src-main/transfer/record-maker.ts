import { WaybillError } from "../../src-shared/errors.ts";
import { cutPreview, MESSAGE_FIELDS, PREVIEW_CODE_POINTS } from "../../src-shared/record.ts";
import type { ColumnMap } from "./column-map.ts";
import { createRowUuid } from "./row-uuid.ts";

const NUMBER = /^-?\d+(?:\.\d+)?$/;

type FieldValues = Record<string, unknown>;

export type RecordMaker = (
  rowNumber: number,
  columns: readonly string[],
  values: readonly unknown[],
) => FieldValues;

/**
 * Makes records for `logMessages` from the rows of a file. A mapped column fills its field, a
 * column with a field's name that field, and all others go to `message_metadata`. Texts are
 * taken as what the field holds: times, JSON, lists of recipients.
 *
 * A row without `message_uuid` gets one derived from its number, its content, the map and the
 * channel: the same import again brings only duplicates, while two equal rows stay two records.
 *
 * A `content_preview` longer than the ledger keeps stays whole in `message_data.text`.
 * The maker throws `invalid` for a text that its field can't hold.
 */
export function createRecordMaker(map: ColumnMap, channel: string | undefined): RecordMaker {
  const mappedFields = new Set(Object.values(map));
  const fields = new Map<string, string>();
  for (const field of MESSAGE_FIELDS) if (!mappedFields.has(field)) fields.set(field, field);
  for (const [column, field] of Object.entries(map)) fields.set(column, field);
  const rowUuid = createRowUuid([Object.entries(map).sort(), channel ?? null]);

  return (rowNumber, columns, values) => {
    const record: FieldValues = {};
    const others: [string, unknown][] = [];
    for (const [index, column] of columns.entries()) {
      const value = values[index];
      if (value === undefined) continue;
      const field = fields.get(column);
      if (field === undefined) others.push([column, value]);
      else record[field] = typeof value === "string" ? fromText(field, value) : value;
    }
    if (others.length > 0) addMetadata(record, others);
    if (channel !== undefined && !record.channel) record.channel = channel;
    if (!record.message_uuid) {
      record.message_uuid = rowUuid(JSON.stringify([rowNumber, columns, values]));
    }
    keepWholeText(record);
    return record;
  };
}

/** Own values of `message_metadata` win over columns of the same name; one that is no object is left to be rejected. */
function addMetadata(record: FieldValues, others: readonly [string, unknown][]): void {
  const metadata = record.message_metadata ?? {};
  if (isObject(metadata)) record.message_metadata = { ...Object.fromEntries(others), ...metadata };
}

function keepWholeText(record: FieldValues): void {
  const text = record.content_preview;
  if (typeof text !== "string" || text.length <= PREVIEW_CODE_POINTS) return;
  if (cutPreview(text).length === text.length) return;
  const data = record.message_data ?? {};
  if (!isObject(data)) return;
  record.message_data = { ...data, [Object.hasOwn(data, "text") ? "content_preview" : "text"]: text };
}

function fromText(field: string, text: string): unknown {
  switch (field) {
    case "status":
      return text.trim().toLowerCase();
    case "origin_ts":
    case "sent_ts":
    case "delivered_ts":
    case "read_ts":
    case "ack_ts":
    case "revision":
      return NUMBER.test(text) ? Number(text) : text || null;
    case "destination_subject_ids":
      return recipients(text);
    case "message_data":
    case "message_metadata":
      return text.trim() === "" ? null : parseObject(field, text);
    default:
      return text;
  }
}

/** A JSON array, or a list separated by semicolons or, without any, by commas. */
function recipients(text: string): unknown {
  if (text.trimStart().startsWith("[")) {
    try {
      return JSON.parse(text);
    } catch (error) {
      throw new WaybillError("invalid", "destination_subject_ids: is not a JSON array", { cause: error });
    }
  }
  return text
    .split(text.includes(";") ? ";" : ",")
    .map((one) => one.trim())
    .filter((one) => one !== "");
}

function parseObject(field: string, text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch {
    // The same sentence for what is not JSON and what is not an object.
  }
  throw new WaybillError("invalid", `${field}: is not a JSON object`);
}

function isObject(value: unknown): value is FieldValues {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
