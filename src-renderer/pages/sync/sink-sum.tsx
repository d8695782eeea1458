import type { SinkCounts } from "../../../src-shared/contract/sync-counts.ts";
import { plural } from "../../../src-shared/plural.ts";
import { Badge } from "../../ui/badge.tsx";
import { Link } from "../../ui/link.tsx";
import { Sum } from "../../ui/sum.tsx";
import styles from "./sink-card.module.css";

/** Accepted = delivered + waiting + parked + removed, with its judgement. */
export function SinkSum({ title, counts }: { title: string; counts: SinkCounts }) {
  const { accepted, delivered, pending, parked, removed, balanced } = counts;
  return (
    <section aria-label={`Changes for ${title}`} className={styles.part}>
      <h3 className={styles.heading}>
        Changes
        <Badge tone={balanced ? "success" : "danger"}>{balanced ? "Balanced" : "Does not add up"}</Badge>
      </h3>
      <Sum
        balanced={balanced}
        total={{ name: "accepted", count: accepted }}
        parts={[
          { name: "delivered", count: delivered },
          { name: "waiting", count: pending },
          { name: "parked", count: parked },
          ...(removed === 0 ? [] : [{ name: "removed unsent", count: removed }]),
        ]}
      />
      {removed > 0 && (
        <p className={styles.note}>
          {plural(removed, "change")} went from the ledger before {title} had them: their messages were
          deleted, or retention may delete what is unsent (<Link href="/settings">Settings</Link>).
        </p>
      )}
      {!balanced && (
        <p className={styles.trouble} role="alert">
          {accepted === delivered + pending + parked + removed
            ? "The sums agree, but some changes are not where they should be."
            : "Some changes are counted twice or not at all."}{" "}
          <Link href="/health">Health</Link> names them. Send the period again to be sure that nothing is
          missing there.
        </p>
      )}
    </section>
  );
}
