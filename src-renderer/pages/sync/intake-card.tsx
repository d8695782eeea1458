import { CircleCheck, CircleDashed, CircleX, type LucideIcon, TriangleAlert } from "lucide-react";
import type { IngestState } from "../../../src-shared/contract/chat.ts";
import { Badge, type Tone } from "../../ui/badge.tsx";
import { Card } from "../../ui/card.tsx";
import { formatNumber } from "../../ui/format.ts";
import { Timestamp } from "../../ui/timestamp.tsx";
import { Fact, Facts } from "../health/facts.tsx";
import styles from "./intake-card.module.css";

const STATES: Readonly<Record<IngestState["state"], { word: string; icon: LucideIcon; tone: Tone }>> = {
  connecting: { word: "Connecting", icon: CircleDashed, tone: "info" },
  running: { word: "Running", icon: CircleCheck, tone: "success" },
  waiting: { word: "Waiting", icon: TriangleAlert, tone: "warning" },
  stopped: { word: "Needs you", icon: CircleX, tone: "danger" },
};

/** What this host takes in from lists and streams of Redis. */
export function IntakeCard({ ingests }: { ingests: readonly IngestState[] }) {
  return (
    <Card
      title="Taken in from Redis"
      description="What other programs put there is removed only once the ledger has it, so nothing is lost while it waits."
    >
      <ul className={styles.ingests}>
        {ingests.map((ingest) => (
          <Ingest key={`${ingest.kind} ${ingest.source}`} ingest={ingest} />
        ))}
      </ul>
    </Card>
  );
}

function Ingest({ ingest }: { ingest: IngestState }) {
  const { source, kind, state, problem, accepted, duplicates, dead, depth, last_error } = ingest;
  const { word, icon, tone } = STATES[state];
  return (
    <li className={styles.ingest}>
      <div className={styles.head}>
        <h3 className="mono">{source}</h3>
        <Badge icon={icon} tone={tone}>
          {word}
        </Badge>
        <span className="muted">a {kind}</span>
      </div>
      {problem !== null && (
        <p className={styles.problem} data-tone={tone} role="status">
          {problem} {state === "waiting" && "It is tried again by itself."}
        </p>
      )}
      <Facts>
        <Fact name="Waits in Redis">
          {depth === null ? <span className="muted">not known now</span> : formatNumber(depth)}
        </Fact>
        <Fact name="Taken in">
          {formatNumber(accepted)} since the host started
          {duplicates > 0 && `, ${formatNumber(duplicates)} of them known already`}
        </Fact>
        <Fact name="Put aside">
          {dead === 0 ? <span className="muted">none</span> : `${formatNumber(dead)} in ${source}:dead`}
        </Fact>
        {/* While it lasts, the sentence above says it. */}
        {problem === null && last_error !== null && (
          <Fact name="Last error">
            <span className={styles.long}>
              <Timestamp ts={last_error.ts} format="short" seconds />: {last_error.message}
            </span>
          </Fact>
        )}
      </Facts>
    </li>
  );
}
