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

/** Messages that each sink that is on has had, in their last state too, and did not refuse. */
const SENT = `NOT EXISTS (
    SELECT 1 FROM message_events AS e WHERE e.message_seq = message_logs.seq AND e.event_id > (
      SELECT min(coalesce(s.position, 0)) FROM sync_sinks AS k
      LEFT JOIN sync_streams AS s ON s.sink = k.sink AND s.stream = 'message' WHERE k.enabled = 1))
  AND NOT EXISTS (
    SELECT 1 FROM sync_parked AS p JOIN sync_sinks AS k ON k.sink = p.sink AND k.enabled = 1
    WHERE p.id = message_logs.message_uuid AND p.stream = 'message')`;

/** The messages of a cut, as SQL over `message_logs`. */
export function inCut(cut: Cut): Condition {
  const { where, parameters } = ofKind(cut);
  return {
    where: `origin_ts <= @before_ts AND (origin_ts < @before_ts OR seq < @before_seq) AND seq <= @until AND ${where}
      AND (@delete_unsent = 1 OR (${SENT}))`,
    parameters: {
      ...parameters,
      delete_unsent: cut.delete_unsent === true ? 1 : 0,
      before_ts: cut.before.ts,
      before_seq: cut.before.seq,
      until: cut.until,
    },
  };
}
