import type { BrowserWindow } from "electron";
import { ask } from "./file-commands.ts";

/** What closing the window is to mean from now on; null where the operator gave up closing it. */
export async function askToKeepLogging(window: BrowserWindow | null): Promise<"tray" | "quit" | null> {
  const { response } = await ask(window, {
    type: "question",
    message: "Keep logging when the window is closed?",
    detail:
      "Waybill can stay in the tray and take records there. You can change this in the menu Logging at any time.",
    buttons: ["Keep Logging", "Quit", "Cancel"],
    defaultId: 0,
    cancelId: 2,
  });
  return response === 2 ? null : response === 0 ? "tray" : "quit";
}

export async function askAfterCrashes(): Promise<"reload" | "tray" | "quit"> {
  const { response } = await ask(null, {
    type: "error",
    message: "The window stops working again and again",
    detail: "Logging goes on. Load the window once more, or quit Waybill.",
    buttons: ["Load Again", "Keep Logging in the Tray", "Quit"],
    cancelId: 1,
  });
  return response === 0 ? "reload" : response === 1 ? "tray" : "quit";
}
