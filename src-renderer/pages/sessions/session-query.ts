import type { FieldValue } from "../messages/field-value.ts";
import { filterText } from "../messages/query-edit.ts";

/** The messages of a session, narrowed by more filters where given. */
export function sessionQuery(sessionId: string, ...more: readonly (FieldValue | string)[]): string {
  const filters = more.map((filter) => (typeof filter === "string" ? filter : filterText(filter)));
  return [filterText({ field: "session", value: sessionId }), ...filters].join(" ");
}
