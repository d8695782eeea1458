import { desktopBridge } from "../../api/desktop-bridge.ts";
import { Page } from "../../ui/page.tsx";
import { AboutSection } from "./about-section.tsx";
import { AccessSection } from "./access-section.tsx";
import { AppearanceSection } from "./appearance-section.tsx";
import { BackupsSection } from "./backups-section.tsx";
import { DataFolderSection } from "./data-folder-section.tsx";
import { DesktopSection } from "./desktop-section.tsx";
import { RetentionSection } from "./retention-section.tsx";
import styles from "./settings-page.module.css";
import { SyncSection } from "./sync-section.tsx";

export function SettingsPage() {
  return (
    <Page title="Settings">
      <div className={styles.sections}>
        <AppearanceSection />
        {desktopBridge !== null && <DesktopSection bridge={desktopBridge} />}
        <RetentionSection />
        <BackupsSection />
        <SyncSection />
        <AccessSection />
        <DataFolderSection />
        <AboutSection />
      </div>
    </Page>
  );
}
