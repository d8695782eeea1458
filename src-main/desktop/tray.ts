import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { nativeImage, Tray } from "electron";

const ICONS = fileURLToPath(new URL("../../assets/tray/", import.meta.url));

export function createTray(onClick: () => void): Tray {
  const tray = new Tray(nativeImage.createFromPath(join(ICONS, iconOf(process.platform))));
  tray.setToolTip("Waybill");
  tray.on("click", onClick);
  return tray;
}

function iconOf(platform: NodeJS.Platform): string {
  // macOS takes a name that ends so for a shape that it colours itself.
  if (platform === "darwin") return "trayTemplate.png";
  return platform === "win32" ? "tray.ico" : "tray.png";
}
