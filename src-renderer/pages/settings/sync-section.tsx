import { useProcedure } from "../../api/hooks.ts";
import { Link } from "../../ui/link.tsx";
import { DataState, Skeleton } from "../../ui/states.tsx";
import { envFile } from "../sync/env-file.ts";
import { SettingsSection } from "./settings-section.tsx";
import { SyncForm } from "./sync-form.tsx";

export function SyncSection() {
  const query = useProcedure("settings.get", {});
  const dataDir = useProcedure("access.get", {}).data?.data_dir;
  return (
    <SettingsSection
      title="Forwarding"
      description={
        <>
          Where every record is sent to; how it goes is on the <Link href="/sync">Sync</Link> page. What the
          environment says comes first. Secrets are not kept or shown here: write{" "}
          <code className="mono">RABBITMQ_PASSWORD</code> and <code className="mono">SUPABASE_KEY</code> into{" "}
          <code className="mono" style={{ overflowWrap: "anywhere" }}>
            {envFile(dataDir)}
          </code>{" "}
          and start Waybill again.
        </>
      }
    >
      <DataState query={query} loading={<Skeleton height={240} />}>
        {({ sync }) => <SyncForm saved={sync} />}
      </DataState>
    </SettingsSection>
  );
}
