import type { Session } from "../../src-shared/session.ts";
import { formatOptionalTime, formatTime } from "../../src-shared/time.ts";
import type { SessionStart } from "./entries.ts";

/** What a session is by itself, as it is shown; the numbers are its messages'. */
export function sessionFacts(row: SessionStart): Pick<Session, keyof SessionStart> {
  return {
    session_id: row.session_id,
    user_id: row.user_id,
    channel: row.channel,
    template_id: row.template_id,
    template_name: row.template_name,
    started_ts: formatTime(row.started_ts),
    ended_ts: formatOptionalTime(row.ended_ts),
    metadata: JSON.parse(row.metadata) as Record<string, unknown>,
  };
}
