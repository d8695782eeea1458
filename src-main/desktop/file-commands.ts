import { join } from "node:path";
import { app, type BrowserWindow, dialog, shell } from "electron";
import type { DesktopSignal } from "../../src-shared/desktop-bridge.ts";
import { toErrorBody } from "../../src-shared/errors.ts";
import type { Core } from "../api/core.ts";
import { formatBytes, maintenanceTasks } from "../api/maintenance.ts";
import type { DesktopFiles } from "./desktop-files.ts";
import type { ReportPages } from "./report-pdf.ts";
import { reportPeriod } from "./rules/report-period.ts";

const BACKUPS = [{ name: "Waybill backups", extensions: ["db"] }];
const today = () => new Date().toISOString().slice(0, 10);

export type FileCommandOptions = {
  core: Core;
  files: DesktopFiles;
  reports: ReportPages;
  window: () => BrowserWindow | null;
  address: () => string;
  tell: (signal: DesktopSignal) => void;
};

/** What the menu does with files, each beginning with a native dialog. What fails is told in one. */
export function fileCommands({ core, files, reports, window, address, tell }: FileCommandOptions) {
  const tasks = maintenanceTasks(core.ledger);
  const told = (work: () => Promise<void>) => () => {
    work().catch((error: unknown) => {
      const { code, message } = toErrorBody(error);
      if (code === "internal") core.onUnexpected({ component: "menu", error });
      dialog.showErrorBox("That did not work", message);
    });
  };

  return {
    importFile: told(async () => {
      const path = await chooseFile(window(), {
        title: "Import messages",
        filters: [{ name: "CSV, JSON, NDJSON", extensions: ["csv", "json", "ndjson", "jsonl"] }],
      });
      if (path !== null) tell({ kind: "file-opened", ...files.offer(path) });
    }),
    backUp: told(async () => {
      const out = await askWhereToSave(window(), `waybill-${today()}.db`, BACKUPS);
      if (out === null) return;
      core.jobs.start({
        kind: "backup",
        unit: "pages",
        run: async (progress) => {
          const { file, size_bytes } = await core.ledger.backupDatabase({ out, ...progress });
          tell({ kind: "file-saved", ...files.noteSaved(file) });
          return { message: `Backed up and verified: ${file}, ${formatBytes(size_bytes)}.` };
        },
      });
      tell({ kind: "navigate", path: "/health" });
    }),
    restore: told(async () => {
      const file = await chooseFile(window(), { title: "Restore a backup", filters: BACKUPS });
      if (file === null) return;
      const { response } = await ask(window(), {
        type: "warning",
        message: "Restore this backup?",
        detail: `${file} takes the place of the present ledger, which is backed up first.`,
        buttons: ["Restore", "Cancel"],
        defaultId: 1,
        cancelId: 1,
      });
      if (response !== 0) return;
      core.jobs.start(tasks.restore(file));
      tell({ kind: "navigate", path: "/health" });
    }),
    savePdf: told(async () => {
      const target = await askWhereToSave(window(), `waybill-report-${today()}.pdf`, [
        { name: "PDF", extensions: ["pdf"] },
      ]);
      if (target === null) return;
      await reports.writePdf(core, reportPeriod(address()), target);
      tell({ kind: "file-saved", ...files.noteSaved(target) });
    }),
    print: () => window()?.webContents.print({ printBackground: true }),
    showDataFolder: told(async () => {
      const problem = await shell.openPath(core.ledger.dataDir);
      if (problem !== "") dialog.showErrorBox("The data folder can't be shown", problem);
    }),
  };
}

/** Null where the user gave up. */
export async function askWhereToSave(
  window: BrowserWindow | null,
  name: string,
  filters: Electron.FileFilter[] = [],
): Promise<string | null> {
  const options = { defaultPath: join(app.getPath("downloads"), name), filters };
  const { canceled, filePath } = await (window === null
    ? dialog.showSaveDialog(options)
    : dialog.showSaveDialog(window, options));
  return canceled || filePath === "" ? null : filePath;
}

async function chooseFile(
  window: BrowserWindow | null,
  choice: { title: string; filters: Electron.FileFilter[] },
): Promise<string | null> {
  const options: Electron.OpenDialogOptions = { ...choice, properties: ["openFile"] };
  const { canceled, filePaths } = await (window === null
    ? dialog.showOpenDialog(options)
    : dialog.showOpenDialog(window, options));
  return canceled ? null : (filePaths[0] ?? null);
}

export function ask(
  window: BrowserWindow | null,
  options: Electron.MessageBoxOptions,
): Promise<Electron.MessageBoxReturnValue> {
  return window === null ? dialog.showMessageBox(options) : dialog.showMessageBox(window, options);
}
