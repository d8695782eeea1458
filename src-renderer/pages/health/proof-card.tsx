import { ShieldCheck } from "lucide-react";
import type { Health } from "../../../src-shared/contract/upkeep.ts";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { ChainFacts } from "./chain-facts.tsx";
import { ConservationLine } from "./conservation-line.tsx";
import styles from "./proof-card.module.css";
import { useUpkeep } from "./upkeep-provider.tsx";

/** What shows that nothing accepted was lost or altered: the sum of messages, and the chain over them. */
export function ProofCard({ health }: { health: Health }) {
  const upkeep = useUpkeep();
  return (
    <Card
      title="Proof"
      description="Every accepted message is counted in the transaction that keeps it, and chained to the one before."
      actions={
        <Button
          size="sm"
          icon={ShieldCheck}
          disabled={!health.database.available || upkeep.blocked.has("check")}
          onClick={() => upkeep.ask("check")}
        >
          Verify now
        </Button>
      }
    >
      <div className={styles.halves}>
        <ConservationLine conservation={health.conservation} known={health.database.available} />
        <ChainFacts chain={health.chain} />
      </div>
    </Card>
  );
}
