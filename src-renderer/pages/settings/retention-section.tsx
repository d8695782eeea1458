import { useProcedure } from "../../api/hooks.ts";
import { DataState, Skeleton } from "../../ui/states.tsx";
import { RetentionForm } from "./retention-form.tsx";
import { SettingsSection } from "./settings-section.tsx";

export function RetentionSection() {
  const query = useProcedure("settings.get", {});
  return (
    <SettingsSection
      title="Retention"
      description="How long messages stay in the ledger. Backups made before keep what was deleted since."
    >
      <DataState query={query} loading={<Skeleton height={96} />}>
        {({ retention }) => <RetentionForm saved={retention} />}
      </DataState>
    </SettingsSection>
  );
}
