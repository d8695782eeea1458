// The desktop app's entry. What must be said before Electron is ready is said while this module is loaded.
import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { app, dialog, protocol } from "electron";
import { z } from "zod";
import { loadEnvironment, logLevel } from "../api/environment.ts";
import { ensurePrivateDirectory } from "../ledger/data-dir.ts";
import { Desktop } from "./desktop.ts";
import { APP_SCHEME } from "./rules/app-address.ts";
import {
  canSandbox,
  type LaunchRequest,
  launchRequest,
  ownArguments,
  startArguments,
} from "./rules/launch.ts";

const launchSchema = z.object({ args: z.array(z.string()), workingDirectory: z.string() });

protocol.registerSchemesAsPrivileged([
  { scheme: APP_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
]);
if (canSandbox(process.platform, process.getuid?.())) app.enableSandbox();
app.setName("Waybill");

const args = ownArguments(process.argv, app.isPackaged);
const request = launchRequest(args, process.cwd());
const dataDir = loadEnvironment(request.dataDir === "" ? undefined : request.dataDir);
const ownDir = findOwnDir();
// One instance for each data folder: Electron's lock lies in here.
app.setPath("userData", ownDir);

const isFirst = app.requestSingleInstanceLock({ args, workingDirectory: process.cwd() });
if (isFirst) run();
else app.quit();

function run(): void {
  let desktop: Desktop | null = null;
  const early: LaunchRequest[] = [];
  const open = (asked: LaunchRequest) => {
    if (desktop === null) early.push(asked);
    else desktop.open(asked);
  };
  app.on("second-instance", (_event, argv, workingDirectory, data) => {
    // Chromium may reorder the arguments: the other instance sends its own as they were.
    const sent = launchSchema.safeParse(data);
    const asked = sent.success ? sent.data : { args: ownArguments(argv, app.isPackaged), workingDirectory };
    open({ ...launchRequest(asked.args, asked.workingDirectory), hidden: false });
  });
  // macOS says these, also before it is ready.
  app.on("open-url", (event, url) => {
    event.preventDefault();
    open(launchRequest([url], "/"));
  });
  app.on("open-file", (event, path) => {
    event.preventDefault();
    open(launchRequest([path], "/"));
  });
  app.on("activate", () => open({ route: null, files: [], hidden: false, dataDir: "" }));
  // Without a listener Electron would quit when the window is gone; the tray goes on.
  app.on("window-all-closed", () => {});
  app.on("before-quit", (event) => {
    if (desktop !== null && !desktop.mayQuit()) event.preventDefault();
  });
  if (app.isPackaged) app.setAsDefaultProtocolClient("waybill");

  app
    .whenReady()
    .then(async () => {
      const loginArguments = startArguments(process.argv, app.isPackaged, request.dataDir);
      desktop = await Desktop.open({ dataDir, ownDir, logLevel: logLevel(warn), loginArguments, warn });
      for (const asked of [request, ...early]) desktop.open(asked);
    })
    .catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      warn(message);
      dialog.showErrorBox("Waybill can't start", message);
      app.exit(1);
    });
}

/** For whoever started it from a terminal; in the window and in the system log it is told as well. */
function warn(sentence: string): void {
  process.stderr.write(`waybill: ${sentence}\n`);
}

/** In the data folder, or where Electron would put it when that can't be written. */
function findOwnDir(): string {
  const wanted = join(dataDir, "desktop");
  try {
    ensurePrivateDirectory(wanted);
    accessSync(wanted, constants.W_OK);
    return wanted;
  } catch {
    return app.getPath("userData");
  }
}
