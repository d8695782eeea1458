import { useProcedure } from "../../api/hooks.ts";
import { DataState, Skeleton } from "../../ui/states.tsx";
import { SettingsSection } from "./settings-section.tsx";
import { SyncForm } from "./sync-form.tsx";

export function SyncSection() {
  const query = useProcedure("settings.get", {});
  return (
    <SettingsSection
      title="Forwarding"
      description="Where every record is sent to. The environment and the .env file come first; passwords and keys are kept there alone (RABBITMQ_PASSWORD, SUPABASE_KEY), never here."
    >
      <DataState query={query} loading={<Skeleton height={240} />}>
        {({ sync }) => <SyncForm saved={sync} />}
      </DataState>
    </SettingsSection>
  );
}
