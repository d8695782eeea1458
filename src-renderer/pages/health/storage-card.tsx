import type { Health } from "../../../src-shared/contract/upkeep.ts";
import { plural } from "../../../src-shared/plural.ts";
import { Card } from "../../ui/card.tsx";
import { formatBytes, formatNumber } from "../../ui/format.ts";
import { DiskMeter } from "./disk-meter.tsx";
import { Fact, Facts } from "./facts.tsx";
import { PathValue } from "./path-value.tsx";

export function StorageCard({ health }: { health: Health }) {
  const { disk, spool } = health;
  return (
    <Card title="Disk and spool">
      {disk && <DiskMeter disk={disk} state={health.checks.disk?.state ?? "ok"} />}
      <Facts>
        <Fact name="Data folder">
          <PathValue path={health.data_dir} label="Copy the path of the data folder" />
        </Fact>
        <Fact name="Waiting in the spool">
          {spool.records === 0 ? "Nothing" : plural(spool.records, "record")}
          {spool.files > 0 && (
            <span className="muted">
              {spool.files === 1 ? "in 1 file" : `in ${formatNumber(spool.files)} files`},{" "}
              {formatBytes(spool.bytes)}
            </span>
          )}
        </Fact>
        <Fact name="Spool folder">
          <PathValue path={spool.directory} label="Copy the path of the spool" />
        </Fact>
      </Facts>
    </Card>
  );
}
