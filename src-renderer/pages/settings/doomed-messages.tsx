import { useState } from "react";
import { useProcedure } from "../../api/hooks.ts";
import { formatDateTime, plural } from "../../ui/format.ts";
import { cutOffTime } from "./retention-days.ts";

/** Names what would be deleted: the cut-off time, and how many messages lie before it. */
export function DoomedMessages({ days, when }: { days: number; when: string }) {
  const [now] = useState(() => Date.now());
  const cutOff = cutOffTime(days, now);
  const query = useProcedure("messages.count", { q: `before:${cutOff.toISOString()}` });

  return (
    <>
      <p>
        Everything from before <strong>{formatDateTime(cutOff.getTime())}</strong> is deleted {when}: messages
        with their history, system log entries and emptied sessions.
      </p>
      <p role="status">
        {query.data && `Today that is ${plural(query.data.count, "message")}. `}
        {query.isPending && "Counting the messages… "}
        This can't be undone, but backups made before still hold them.
      </p>
    </>
  );
}
