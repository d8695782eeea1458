import {
  ArchiveRestore,
  DatabaseBackup,
  type LucideIcon,
  Minimize2,
  ShieldCheck,
  Wrench,
} from "lucide-react";
import type { ReactNode } from "react";
import type { Health } from "../../../src-shared/contract/upkeep.ts";
import { Card } from "../../ui/card.tsx";
import { RelativeTime } from "../../ui/timestamp.tsx";
import type { UpkeepKind } from "./upkeep-order.ts";
import { UpkeepRow } from "./upkeep-row.tsx";

type Action = { kind: UpkeepKind; icon: LucideIcon; name: string; purpose: string; button: string };

const ACTIONS: readonly Action[] = [
  {
    kind: "check",
    icon: ShieldCheck,
    name: "Check",
    purpose: "Reads every page of the ledger and proves that it is whole.",
    button: "Check",
  },
  {
    kind: "backup",
    icon: DatabaseBackup,
    name: "Back up",
    purpose: "Writes a copy and verifies it, while records keep coming in.",
    button: "Back up",
  },
  {
    kind: "restore",
    icon: ArchiveRestore,
    name: "Restore",
    purpose: "Goes back to a backup; the state before is kept.",
    button: "Restore…",
  },
  {
    kind: "vacuum",
    icon: Minimize2,
    name: "Vacuum",
    purpose: "Gives free pages back to the disk.",
    button: "Vacuum",
  },
  {
    kind: "repair",
    icon: Wrench,
    name: "Repair",
    purpose: "Rebuilds a damaged ledger from all that can be read.",
    button: "Repair…",
  },
];

export function UpkeepCard({ health }: { health: Health }) {
  return (
    <Card title="Upkeep" flush>
      <ul>
        {ACTIONS.map((action) => (
          <UpkeepRow key={action.kind} {...action} last={lastTime(action.kind, health)} />
        ))}
      </ul>
    </Card>
  );
}

function lastTime(kind: UpkeepKind, health: Health): ReactNode {
  switch (kind) {
    case "check":
      return (
        <Last
          ts={health.last_check_ts}
          never="Never checked in full"
          result={health.last_check_ok === false ? "found damage" : "all well"}
        />
      );
    case "backup":
      return <Last ts={health.last_backup_ts} never="Never backed up" />;
    case "vacuum":
      return <Last ts={health.last_vacuum_ts} never="Never run" />;
    case "restore":
    case "repair":
      return null;
  }
}

function Last({ ts, never, result }: { ts: string | null; never: string; result?: string }) {
  if (ts === null) return never;
  return (
    <>
      Last run: <RelativeTime ts={ts} />
      {result !== undefined && `, ${result}`}
    </>
  );
}
