import type { RetentionSettings } from "../../../src-shared/contract/upkeep.ts";
import { plural } from "../../../src-shared/plural.ts";
import { describeRetention } from "./retention-words.ts";
import { useDoomed } from "./use-doomed.ts";

/** Names what would be deleted, and how much that is today. */
export function DoomedMessages({ retention, when }: { retention: RetentionSettings; when: string }) {
  const counts = useDoomed(retention.rules);
  const total = counts.reduce<number | null>(
    (sum, count) => (sum === null || count === null ? null : sum + count),
    0,
  );
  // Two rules may be about the same messages.
  const amount = `${counts.length > 1 ? "at most " : ""}${plural(total ?? 0, "message")}`;
  return (
    <>
      <p>{describeRetention(retention).join(" ")}</p>
      {counts.length > 0 && (
        <p role="status">
          {total === null ? "Counting the messages… " : `By the rules that is ${amount} today.`}
        </p>
      )}
      <p>
        This happens {when}. It can't be undone, but backups made before
        {retention.export_before_delete ? " and the exported files" : ""} still hold the messages.
      </p>
    </>
  );
}
