import type { FieldName } from "../../../src-shared/query/fields.ts";

/** A value of a message that a query can ask for. */
export type FieldValue = {
  field: FieldName;
  /** Within `data` and `meta`: the keys that lead to it, with dots between them. */
  path?: string;
  value: string;
};

export function fieldValue(field: FieldName, value: string | null | undefined): FieldValue | null {
  return value ? { field, value } : null;
}
