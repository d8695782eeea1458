import { DatabaseZap } from "lucide-react";
import type { Health } from "../../../src-shared/contract/upkeep.ts";
import { Card } from "../../ui/card.tsx";
import { formatBytes, formatPercent } from "../../ui/format.ts";
import { EmptyState } from "../../ui/states.tsx";
import { Fact, Facts } from "./facts.tsx";
import { PathValue } from "./path-value.tsx";
import { TableRows } from "./table-rows.tsx";

export function DatabaseCard({ database }: { database: Health["database"] }) {
  const path = (
    <Fact name="File">
      <PathValue path={database.path} label="Copy the path of the database" />
    </Fact>
  );
  if (!database.available) {
    return (
      <Card title="Database">
        <Facts>{path}</Facts>
        <EmptyState
          icon={DatabaseZap}
          title="The database can't be opened"
          description="Its figures are unknown until it can. The first check says what to do."
        />
      </Card>
    );
  }

  const freeShare = database.size_bytes === 0 ? 0 : database.free_bytes / database.size_bytes;
  return (
    <Card title="Database">
      <Facts>
        {path}
        <Fact name="Size">{formatBytes(database.size_bytes)}</Fact>
        <Fact name="Write-ahead log">{formatBytes(database.wal_bytes)}</Fact>
        <Fact name="Free pages">
          {formatBytes(database.free_bytes)}
          {database.free_bytes > 0 && (
            <span className="muted">{formatPercent(freeShare)} of the file; Vacuum gives it back</span>
          )}
        </Fact>
        <Fact name="SQLite">{database.sqlite_version}</Fact>
        <Fact name="Schema version">{database.schema_version}</Fact>
      </Facts>
      <TableRows tables={database.tables} />
    </Card>
  );
}
