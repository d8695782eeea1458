export const STATUSES = ["pending", "sending", "sent", "delivered", "read", "failed", "cancelled"] as const;

export type Status = (typeof STATUSES)[number];

/** The way a message takes when all goes well, in order. */
export const FUNNEL = [
  "pending",
  "sending",
  "sent",
  "delivered",
  "read",
] as const satisfies readonly Status[];

const SUCCESSFUL: ReadonlySet<Status> = new Set(["sent", "delivered", "read"]);
const WAITING: ReadonlySet<Status> = new Set(["pending", "sending"]);

/**
 * A failure or cancellation outranks `sent` (mail bounces after it was sent) but not the
 * evidence of an arrival.
 */
const RANK: Readonly<Record<Status, number>> = {
  pending: 0,
  sending: 1,
  sent: 2,
  failed: 3,
  cancelled: 3,
  delivered: 4,
  read: 5,
};

export function isStatus(value: unknown): value is Status {
  return typeof value === "string" && Object.hasOwn(RANK, value);
}

export function isSuccessful(status: Status): boolean {
  return SUCCESSFUL.has(status);
}

export function isWaiting(status: Status): boolean {
  return WAITING.has(status);
}

/**
 * Whether a reported status becomes the record's status, or is only kept in its history.
 * `currentSince` and `ts` are milliseconds since 1970: they tell a retry after a failure from
 * a report that was merely overtaken by it.
 */
export function supersedes(current: Status, currentSince: number, next: Status, ts: number): boolean {
  if (current === "failed" && next !== "failed" && next !== "cancelled") {
    return RANK[next] > RANK.failed || ts >= currentSince;
  }
  if (current === "cancelled" && next === "sent") return true;
  return RANK[next] > RANK[current];
}
