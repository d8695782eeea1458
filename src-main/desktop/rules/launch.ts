import { extname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { routeOfLink } from "./deep-links.ts";

const IMPORTED = new Set([".csv", ".json", ".ndjson", ".jsonl"]);

export type LaunchRequest = {
  /** A page of the UI to show; null for the one that is open. */
  route: string | null;
  /** Files that someone wants to import, as absolute paths. They need not exist. */
  files: string[];
  /** Started with the system: only the tray is shown. */
  hidden: boolean;
  /** Empty where none is named. */
  dataDir: string;
};

/** The program's own part of `process.argv`: a development run has the app's folder before it. */
export function ownArguments(argv: readonly string[], isPackaged: boolean): string[] {
  return argv.slice(isPackaged ? 1 : 2);
}

/** What starts this program on this data folder once more: of a development run, the app's folder as well. */
export function startArguments(argv: readonly string[], isPackaged: boolean, dataDir: string): string[] {
  return [
    ...(isPackaged ? [] : argv.slice(1, 2).map((folder) => resolve(folder))),
    ...(dataDir === "" ? [] : ["--data-dir", dataDir]),
  ];
}

/**
 * Whether Chromium's sandbox can be had: root on Linux has none. Electron starts for root with `--no-sandbox` only, and
 * `app.enableSandbox()` would take that switch away again, of which every process it starts would die.
 */
export function canSandbox(platform: NodeJS.Platform, userId: number | undefined): boolean {
  return !(platform === "linux" && userId === 0);
}

/** Whether a file has a name that Waybill imports. */
export function isImportable(file: string): boolean {
  return IMPORTED.has(extname(file).toLowerCase());
}

/** What the arguments ask of a Waybill that starts or runs already. Chromium's own switches are passed over. */
export function launchRequest(args: readonly string[], workingDirectory: string): LaunchRequest {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { "data-dir": { type: "string" }, hidden: { type: "boolean" } },
    strict: false,
    allowPositionals: true,
  });
  const request: LaunchRequest = {
    route: null,
    files: [],
    hidden: values.hidden === true,
    dataDir: typeof values["data-dir"] === "string" ? resolve(workingDirectory, values["data-dir"]) : "",
  };
  for (const positional of positionals) {
    if (positional.startsWith("waybill:")) request.route = routeOfLink(positional) ?? request.route;
    else if (isImportable(positional)) request.files.push(pathOf(positional, workingDirectory));
  }
  return request;
}

function pathOf(argument: string, workingDirectory: string): string {
  if (!argument.startsWith("file:")) return resolve(workingDirectory, argument);
  try {
    return fileURLToPath(argument);
  } catch {
    return resolve(workingDirectory, argument);
  }
}
