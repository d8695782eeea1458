import type { Health, HealthCheck } from "../../../src-shared/contract/upkeep.ts";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { checkFigure } from "./check-figure.ts";
import { checkName, sortChecks } from "./check-names.ts";
import styles from "./checks-card.module.css";
import { CHECK_META } from "./state-meta.ts";
import type { UpkeepKind } from "./upkeep-order.ts";
import { useUpkeep } from "./upkeep-provider.tsx";

export function ChecksCard({ checks }: { checks: Health["checks"] }) {
  return (
    <Card title="Checks" flush>
      <ul>
        {sortChecks(checks).map(([key, check]) => (
          <CheckRow key={key} name={key} check={check} />
        ))}
      </ul>
    </Card>
  );
}

function CheckRow({ name, check }: { name: string; check: HealthCheck }) {
  const { label, icon: Icon, tone } = CHECK_META[check.state];
  const remedy = remedyFor(name, check.state);
  const upkeep = useUpkeep();

  return (
    <li className={styles.check} data-tone={tone}>
      <span className={styles.state}>
        <Icon size={16} aria-hidden />
        <span className="visually-hidden">{label}:</span>
      </span>
      <span className={styles.name}>{checkName(name)}</span>
      <span className={styles.message}>{check.message}</span>
      <span className={`${styles.figure} tabular`}>{checkFigure(check)}</span>
      {remedy && (
        <span className={styles.remedy}>
          <Button
            size="sm"
            disabled={upkeep.blocked.has(remedy.kind)}
            onClick={() => upkeep.ask(remedy.kind)}
          >
            {remedy.label}
          </Button>
        </span>
      )}
    </li>
  );
}

type Remedy = { kind: UpkeepKind; label: string };

/** What an operator can do about it right here; the other troubles are mended outside of Waybill. */
function remedyFor(name: string, state: HealthCheck["state"]): Remedy | null {
  if (state === "ok") return null;
  if (name === "backup") return { kind: "backup", label: "Back up now" };
  if (name === "integrity" && state === "failing") return { kind: "repair", label: "Repair" };
  if (name === "conservation" || name === "chain") return { kind: "check", label: "Verify now" };
  if (name === "integrity") return { kind: "check", label: "Check now" };
  return null;
}
