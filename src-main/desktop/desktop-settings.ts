import type { PreferenceChanges, Preferences } from "../../src-shared/desktop-bridge.ts";
import type { ApiServer } from "./api-server.ts";
import type { PreferencesFile } from "./preferences-file.ts";

export type SettingsParts = {
  file: PreferencesFile;
  api: Pick<ApiServer, "apply">;
  /** Rejects where the system does not take it. */
  setLoginItem: (startAtLogin: boolean) => Promise<void>;
  onChange: () => void;
};

/** Makes the preferences hold: in their file, in the HTTP API, in the system. */
export class DesktopSettings {
  readonly #parts: SettingsParts;

  constructor(parts: SettingsParts) {
    this.#parts = parts;
  }

  get preferences(): Preferences {
    return this.#parts.file.preferences;
  }

  /**
   * Rejects with `cannot_accept`: where the system does not start Waybill at login, nothing has changed; where they can't
   * be kept for the next start, they hold until then. A port that can't be had is told in the state of the API.
   */
  async change(changes: PreferenceChanges): Promise<void> {
    const { file, api, setLoginItem, onChange } = this.#parts;
    const { start_at_login: startAtLogin } = changes;
    if (startAtLogin !== undefined && startAtLogin !== file.preferences.start_at_login)
      await setLoginItem(startAtLogin);
    try {
      await file.set(changes);
    } finally {
      const { http_api, http_port } = file.preferences;
      await api.apply({ on: http_api, port: http_port });
      onChange();
    }
  }
}
