import { useState } from "react";
import { formatDate } from "../../ui/format.ts";
import { cutOffTime } from "./retention-days.ts";

/** What the chosen number of days does, with today's date in it. */
export function RetentionMeaning({ days }: { days: number | null }) {
  const [now] = useState(() => Date.now());
  if (days === null) return <p className="muted">Nothing is deleted. The ledger grows with what you send.</p>;
  return (
    <p className="muted">
      Once a day the host deletes messages with their history, system log entries and emptied sessions that
      are older: today that is everything from before {formatDate(cutOffTime(days, now).getTime())}.
    </p>
  );
}
