import { type MessageRecord, type StoredMessage, toRecord } from "../../../src-shared/record.ts";
import { DamagedRowError } from "../sqlite-errors.ts";

/** Makes something of a row; SQLite reads many a page that was overwritten without an error. Throws `DamagedRowError` where it can't be made. */
export function fromRow<R, T>(row: R, make: (row: R) => T): T {
  try {
    return make(row);
  } catch (error) {
    throw new DamagedRowError("A row is not what was written", { cause: error });
  }
}

/** Throws `DamagedRowError`. */
export function readRecord(row: StoredMessage): MessageRecord {
  return fromRow(row, toRecord);
}
