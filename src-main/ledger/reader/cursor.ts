import { WaybillError } from "../../../src-shared/errors.ts";

/** Where a page ended: the sort time and the tie-breaker of its last row. */
export type Position = { ts: number; tie: number | string };

/** Opaque to callers: it may change with the order it stands for. */
export function encodeCursor({ ts, tie }: Position): string {
  return Buffer.from(JSON.stringify([ts, tie]), "utf8").toString("base64url");
}

/** Throws `invalid` for a text that no page gave. */
export function decodeCursor(cursor: string): Position {
  try {
    const [ts, tie] = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")) as unknown[];
    if (typeof ts === "number" && (typeof tie === "number" || typeof tie === "string")) return { ts, tie };
  } catch {
    // Not ours: the error below says so.
  }
  throw new WaybillError("invalid", "The cursor is not one that a page gave; start again without it.");
}

/** The position before all rows in an order from new to old. */
export const NEWEST: Position = { ts: Number.MAX_SAFE_INTEGER, tie: Number.MAX_SAFE_INTEGER };
