import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

export type LoginItemOptions = {
  platform: NodeJS.Platform;
  /** Electron's, for macOS and Windows. */
  setLoginItemSettings: (settings: { openAtLogin: boolean; args: string[] }) => void;
  /** What starts this very program: an AppImage runs from a folder that is gone at the next start. */
  executable: string;
  /** `$XDG_CONFIG_HOME`, or `~/.config`. */
  configHome: string;
};

/** Starts Waybill with the session, in the tray. Rejects with the system's error. */
export async function setLoginItem(startAtLogin: boolean, options: LoginItemOptions): Promise<void> {
  if (options.platform !== "linux") {
    options.setLoginItemSettings({ openAtLogin: startAtLogin, args: ["--hidden"] });
    return;
  }
  // Electron has none for Linux: this is what desktops read at the start of a session.
  const entry = join(options.configHome, "autostart", "waybill.desktop");
  if (!startAtLogin) return rm(entry, { force: true });
  await mkdir(dirname(entry), { recursive: true });
  await writeFile(entry, autostartEntry(options.executable));
}

export function autostartEntry(executable: string): string {
  return `${[
    "[Desktop Entry]",
    "Type=Application",
    "Name=Waybill",
    "Comment=Keeps the record of every message your systems send",
    `Exec=${quoteExec(executable)} --hidden`,
    "Icon=waybill",
    "Terminal=false",
    "X-GNOME-Autostart-enabled=true",
  ].join("\n")}\n`;
}

/** As the Desktop Entry Specification wants it: escaped for the string, then for the command, and no field code. */
function quoteExec(path: string): string {
  return `"${path
    .replace(/[\\"`$]/g, "\\$&")
    .replaceAll("\\", "\\\\")
    .replaceAll("%", "%%")}"`;
}
