import { STATUSES, type Status } from "../../src-shared/status.ts";
import type { Cut } from "./retention-plan.ts";

export type Condition = { where: string; parameters: Record<string, string | number> };

/** Messages of a channel and a status, or of any. A status is written out: an index is kept of those that did not succeed. */
export function ofKind({ channel, status }: { channel: string | null; status: Status | null }): Condition {
  const known = STATUSES.find((each) => each === status);
  const conditions = [
    channel === null ? "" : "channel = @channel",
    known === undefined ? "" : `status = '${known}'`,
  ].filter((condition) => condition !== "");
  return { where: conditions.join(" AND ") || "true", parameters: channel === null ? {} : { channel } };
}

/** The messages of a cut, as SQL over `message_logs`. */
export function inCut(cut: Cut): Condition {
  const { where, parameters } = ofKind(cut);
  return {
    where: `origin_ts <= @before_ts AND (origin_ts < @before_ts OR seq < @before_seq) AND seq <= @until AND ${where}`,
    parameters: { ...parameters, before_ts: cut.before.ts, before_seq: cut.before.seq, until: cut.until },
  };
}
