import type { Health } from "../../../src-shared/contract/upkeep.ts";
import { plural } from "../../../src-shared/plural.ts";
import { Badge } from "../../ui/badge.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { Sum } from "../../ui/sum.tsx";
import styles from "./proof-card.module.css";

type ConservationLineProps = {
  conservation: Health["conservation"];
  /** False while the database can't be read: then only the spool is known. */
  known: boolean;
};

/** Accepted = stored + removed + waiting, with its judgement, and what does not add up. */
export function ConservationLine({ conservation, known }: ConservationLineProps) {
  const { accepted, stored, removed, spooled, balanced, mismatch_ids } = conservation;
  return (
    <section aria-label="Conservation" className={styles.half}>
      <h3 className={styles.heading}>
        Conservation
        {known ? (
          <Badge tone={balanced ? "success" : "danger"}>{balanced ? "Balanced" : "Does not add up"}</Badge>
        ) : (
          <Badge tone="warning">Not known</Badge>
        )}
      </h3>
      {known ? (
        <Sum
          balanced={balanced}
          total={{ name: "accepted", count: accepted }}
          parts={[
            { name: "stored", count: stored },
            { name: "removed by retention", count: removed },
            { name: "in the spool", count: spooled },
          ]}
        />
      ) : (
        <p className="muted">
          The database can't be read, so the sum is not known. {plural(spooled, "message")} in the spool.
        </p>
      )}
      {known && !balanced && (
        <p className={styles.trouble} role="alert">
          {describeGap(accepted - stored - removed - spooled)} Verify now, and compare with a backup.
        </p>
      )}
      {mismatch_ids.length > 0 && (
        <ul aria-label="What does not add up" className={styles.ids}>
          {mismatch_ids.map((id) => (
            <li key={id}>
              <code className="mono">{id}</code>
              <CopyButton value={id} label={`Copy ${id}`} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function describeGap(missing: number): string {
  if (missing > 0) return `${plural(missing, "accepted message")} can't be found.`;
  if (missing < 0) return `${plural(-missing, "message")} more than were accepted.`;
  return "The sums agree, but some messages are not where they should be.";
}
