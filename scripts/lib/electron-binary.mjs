// Where Electron's own program is: it comes apart from its package, and not on every machine.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { at } from "./checkout.mjs";

/** Undefined where it was not downloaded. Asking Electron's package itself would download it. */
export function findElectron() {
  const folder = at("node_modules", "electron");
  const named = join(folder, "path.txt");
  if (!existsSync(named)) return undefined;
  const path = join(
    process.env.ELECTRON_OVERRIDE_DIST_PATH ?? join(folder, "dist"),
    readFileSync(named, "utf8"),
  );
  return existsSync(path) ? path : undefined;
}

/** Whether a window can be shown: always, but for a Linux without a graphical session. */
export function hasDisplay() {
  return process.platform !== "linux" || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
}
