import { app, net, powerMonitor } from "electron";
import { SECOND_MS } from "../../src-shared/time.ts";
import type { Core } from "../api/core.ts";
import { watchOnline } from "./online-watch.ts";

const ONLINE_MS = 5 * SECOND_MS;

/** Has the sinks tried at once when the machine or its network comes back. Gives the function that ends it. */
export function watchSystem(sync: Core["sync"]): () => void {
  const urge = () => {
    sync.urge(null).catch(() => {
      // Its thread just died; it tries all sinks when it is started again.
    });
  };
  powerMonitor.on("resume", urge);
  powerMonitor.on("unlock-screen", urge);
  // Accepted records are on the disk already; this lets what is in flight settle, too.
  powerMonitor.on("shutdown", () => app.quit());
  return watchOnline({ isOnline: () => net.isOnline(), onBack: urge, everyMs: ONLINE_MS });
}
