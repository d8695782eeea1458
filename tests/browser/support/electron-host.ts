// On a machine without Electron's binary (the one this was written on) these lines have not run.
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { _electron, type ElectronApplication } from "@playwright/test";
import { needsNoSandbox, sandboxRemedy } from "../../../scripts/lib/electron-binary.mjs";
import { procedureChannel } from "../../../src-main/desktop/ipc/channels.ts";
import { preferPort, untilListening } from "../../desktop/support/api-port.ts";
import { apiOf, type Host } from "./host.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const MAIN = resolve(ROOT, process.env.WAYBILL_DIST ?? "dist", "main/desktop.js");
export const APP_ORIGIN = "app://waybill";
const VIEWPORT = { width: 1440, height: 900 };

/** Electron itself with the built app. */
export async function launchElectron(
  executablePath: string,
  dataDir: string,
  args: string[] = [],
): Promise<ElectronApplication> {
  // Here nothing is at stake; where Chromium's sandbox can't be had, an operator is told what to do.
  const noSandbox = needsNoSandbox() || sandboxRemedy(executablePath) !== undefined ? ["--no-sandbox"] : [];
  return _electron.launch({
    executablePath,
    args: [...noSandbox, MAIN, "--data-dir", dataDir, ...args],
    cwd: join(dataDir, ".."),
  });
}

/** The built desktop app on Electron itself, without a window at first. */
export async function startElectron(executablePath: string, dataDir: string): Promise<Host> {
  const apiUrl = await preferPort([join(dataDir, "desktop")]);
  const app = await launchElectron(executablePath, dataDir, ["--hidden"]);
  await untilListening(apiUrl);
  const token = (await readFile(join(dataDir, "token"), "utf8")).trim();
  return {
    ...apiOf(apiUrl, token),
    dataDir,
    pageUrl: APP_ORIGIN,
    async openWindow() {
      await app.evaluate(async ({ BrowserWindow, session }) => {
        for (const window of BrowserWindow.getAllWindows()) window.destroy();
        await session.defaultSession.clearStorageData();
      });
      const opened = app.waitForEvent("window");
      await app.evaluate(({ app: electron }) => void electron.emit("activate"));
      const page = await opened;
      await page.setViewportSize(VIEWPORT);
      return page;
    },
    readClipboard: () => app.evaluate(({ clipboard }) => clipboard.readText()),
    async listen() {
      // What it is told unasked; the answers to its calls can't be heard here as they can on the other hosts.
      const sent = await app.evaluateHandle(({ BrowserWindow }) => {
        const texts: string[] = [];
        for (const { webContents } of BrowserWindow.getAllWindows()) {
          const send = webContents.send.bind(webContents);
          webContents.send = (channel, ...args) => {
            texts.push(JSON.stringify(args));
            send(channel, ...args);
          };
        }
        return texts;
      });
      return () => sent.jsonValue();
    },
    desktop: {
      async saveTo(path) {
        await app.evaluate(({ dialog }, filePath) => {
          dialog.showSaveDialog = async (...args: unknown[]) => {
            Object.assign(dialog, { offered: (args.at(-1) as { defaultPath: string }).defaultPath });
            return { canceled: false, filePath };
          };
        }, path);
      },
      offeredPath: () => app.evaluate(({ dialog }) => (dialog as unknown as { offered: string }).offered),
      // Electron knows it by itself.
      noteChosen: async () => {},
      async answerInstead(name, value) {
        await app.evaluate(
          ({ ipcMain }, { channel, reply }) => {
            ipcMain.removeHandler(channel);
            ipcMain.handle(channel, () => reply);
          },
          { channel: procedureChannel(name), reply: { ok: true, value } },
        );
      },
    },
    async stop() {
      const child = app.process();
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      await app.close();
      const [code] = await ended;
      if (code !== 0) throw new Error(`The app ended with ${code}`);
    },
  };
}
