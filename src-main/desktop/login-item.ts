import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { WaybillError } from "../../src-shared/errors.ts";
import { errnoOf } from "../api/atomic-file.ts";

export type LoginItemOptions = {
  platform: NodeJS.Platform;
  /** Electron's, for macOS and Windows. */
  setLoginItemSettings: (settings: { openAtLogin: boolean; args: string[] }) => void;
  /** What starts this very program: an AppImage runs from a folder that is gone at the next start. */
  executable: string;
  /** What it takes to open this data folder; of a development run the app's folder, too. */
  args: readonly string[];
  /** `$XDG_CONFIG_HOME`, or `~/.config`. */
  configHome: string;
};

/** Starts Waybill with the session, in the tray. Rejects with `cannot_accept` where the system does not take it. */
export async function setLoginItem(startAtLogin: boolean, options: LoginItemOptions): Promise<void> {
  const args = [...options.args, "--hidden"];
  if (options.platform !== "linux") {
    options.setLoginItemSettings({ openAtLogin: startAtLogin, args });
    return;
  }
  // Electron has none for Linux: this is what desktops read at the start of a session.
  const entry = join(options.configHome, "autostart", "waybill.desktop");
  try {
    if (!startAtLogin) return await rm(entry, { force: true });
    await mkdir(dirname(entry), { recursive: true });
    await writeFile(entry, autostartEntry([options.executable, ...args]));
  } catch (cause) {
    throw new WaybillError(
      "cannot_accept",
      `${entry} can't be ${startAtLogin ? "written" : "removed"} (${errnoOf(cause)}). Give its folder write permission, then try again.`,
      { cause },
    );
  }
}

export function autostartEntry(command: readonly string[]): string {
  return `${[
    "[Desktop Entry]",
    "Type=Application",
    "Name=Waybill",
    "Comment=Keeps the record of every message your systems send",
    `Exec=${command.map(quoteExec).join(" ")}`,
    "Icon=waybill",
    "Terminal=false",
    "X-GNOME-Autostart-enabled=true",
  ].join("\n")}\n`;
}

/** As the Desktop Entry Specification wants it: escaped for the string, then for the command, and no field code. */
function quoteExec(argument: string): string {
  if (/^[\w/.=-]+$/.test(argument)) return argument;
  return `"${argument
    .replace(/[\\"`$]/g, "\\$&")
    .replaceAll("\\", "\\\\")
    .replaceAll("%", "%%")}"`;
}
