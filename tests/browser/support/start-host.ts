import { findElectron } from "../../../scripts/lib/electron-binary.mjs";
import { startElectron } from "./electron-host.ts";
import { startHeadless } from "./headless-host.ts";
import type { Host } from "./host.ts";
import { startStandIn } from "./stand-in-host.ts";

/** What a Waybill is that the tests run on: one of the projects in playwright.config.ts each. */
export type HostKind = "headless" | "stand-in" | "electron";

export function startHost(kind: HostKind, dataDir: string): Promise<Host> {
  switch (kind) {
    case "headless":
      return startHeadless(dataDir);
    case "stand-in":
      return startStandIn(dataDir);
    case "electron": {
      const binary = findElectron();
      if (binary === undefined) throw new Error("Electron is not installed on this machine");
      return startElectron(binary, dataDir);
    }
  }
}
