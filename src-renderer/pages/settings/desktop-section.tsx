import type { DesktopBridge } from "../../api/desktop-bridge.ts";
import { useDesktop } from "../../desktop/use-desktop.ts";
import { DataState, Skeleton } from "../../ui/states.tsx";
import { DesktopForm } from "./desktop-form.tsx";
import { DesktopUpdate } from "./desktop-update.tsx";
import { SettingsSection } from "./settings-section.tsx";

export function DesktopSection({ bridge }: { bridge: DesktopBridge }) {
  const query = useDesktop(bridge);
  return (
    <SettingsSection
      title="Desktop app"
      description="How Waybill behaves on this computer: in the tray, at login, towards your other programs, and when something is wrong."
    >
      <DataState query={query} loading={<Skeleton height={420} />}>
        {({ version, preferences, api, update }) => (
          <>
            <DesktopForm api={api} bridge={bridge} saved={preferences} />
            <DesktopUpdate bridge={bridge} update={update} version={version} />
          </>
        )}
      </DataState>
    </SettingsSection>
  );
}
