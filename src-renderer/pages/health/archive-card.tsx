import type { Health } from "../../../src-shared/contract/upkeep.ts";
import { Card } from "../../ui/card.tsx";
import { formatBytes } from "../../ui/format.ts";
import { Fact, Facts } from "./facts.tsx";
import { PathValue } from "./path-value.tsx";
import { TableRows } from "./table-rows.tsx";

/** The database of a team's archive, which its own server keeps. */
export function ArchiveCard({ database }: { database: Health["database"] }) {
  return (
    <Card title="Archive">
      <Facts>
        <Fact name="Database">
          <PathValue path={database.path} label="Copy the address of the archive" />
        </Fact>
        {database.available && (
          <>
            <Fact name="Size">{formatBytes(database.size_bytes)}</Fact>
            <Fact name="Server">{database.sqlite_version}</Fact>
            <Fact name="Schema version">{database.schema_version}</Fact>
          </>
        )}
      </Facts>
      {database.available && <TableRows tables={database.tables} />}
    </Card>
  );
}
