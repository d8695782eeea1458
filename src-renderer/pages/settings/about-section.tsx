import { useProcedure } from "../../api/hooks.ts";
import { DataState, Skeleton } from "../../ui/states.tsx";
import { SettingsSection } from "./settings-section.tsx";

export function AboutSection() {
  const query = useProcedure("health.get", {});
  return (
    <SettingsSection
      title="About"
      description="The record of every message your systems send: logged, kept, searched, measured, exported."
    >
      <DataState query={query} loading={<Skeleton height={20} width={200} />}>
        {({ version, database }) => (
          <p>
            Waybill {version}, MIT licence
            <br />
            <span className="muted">
              SQLite {database.sqlite_version}, schema version {database.schema_version}
            </span>
          </p>
        )}
      </DataState>
    </SettingsSection>
  );
}
