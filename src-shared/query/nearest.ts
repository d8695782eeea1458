import { FIELD_NAMES, FIELDS, type FieldName } from "./fields.ts";

/** How many letters to add, drop or change to make one word the other. */
function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}

/** The field that someone most likely meant by a name that is none. */
export function nearestField(name: string): FieldName {
  let nearest: FieldName = "status";
  let least = Number.POSITIVE_INFINITY;
  for (const field of FIELD_NAMES) {
    for (const known of [field, ...FIELDS[field].synonyms]) {
      const distance = editDistance(name, known);
      if (distance < least) {
        least = distance;
        nearest = field;
      }
    }
  }
  return nearest;
}
