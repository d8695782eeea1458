import { useProcedure } from "../../api/hooks.ts";
import { DataState, Skeleton } from "../../ui/states.tsx";
import { BackUpNow } from "./back-up-now.tsx";
import { BackupsForm } from "./backups-form.tsx";
import { SettingsSection } from "./settings-section.tsx";

export function BackupsSection() {
  const query = useProcedure("settings.get", {});
  return (
    <SettingsSection
      title="Backups"
      description="Copies of the ledger, made while records keep coming in. Each is opened and checked before it counts. Restore one on the Health page."
    >
      <BackUpNow />
      <DataState query={query} loading={<Skeleton height={96} />}>
        {({ backups }) => <BackupsForm saved={backups} />}
      </DataState>
    </SettingsSection>
  );
}
