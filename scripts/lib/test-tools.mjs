// The programs that tests use and npm does not bring.
import { accessSync, constants, existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

/** @param {string} name @returns {string | undefined} */
export function findProgram(name) {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return join(folder, name);
    } catch {}
  }
  return undefined;
}

const CHROMIUM_COMMANDS = ["chromium", "chromium-browser", "google-chrome", "microsoft-edge"];
const MAC_CHROMIUMS = ["Google Chrome", "Chromium", "Microsoft Edge"];
const WINDOWS_CHROMIUMS = [
  "Google\\Chrome\\Application\\chrome.exe",
  "Chromium\\Application\\chrome.exe",
  "Microsoft\\Edge\\Application\\msedge.exe",
];

/** A browser of Chromium's family: the first on the path, or where the system's installers put them. */
export function findChromium() {
  for (const command of CHROMIUM_COMMANDS) {
    const program = findProgram(command);
    if (program !== undefined) return program;
  }
  return usualChromiums().find((path) => existsSync(path));
}

/** @returns {string[]} */
function usualChromiums() {
  const { ProgramFiles, "ProgramFiles(x86)": programFiles86, LOCALAPPDATA } = process.env;
  switch (process.platform) {
    case "darwin":
      return ["/Applications", join(homedir(), "Applications")].flatMap((folder) =>
        MAC_CHROMIUMS.map((name) => join(folder, `${name}.app`, "Contents", "MacOS", name)),
      );
    case "win32":
      return [ProgramFiles, programFiles86, LOCALAPPDATA].flatMap((folder) =>
        folder ? WINDOWS_CHROMIUMS.map((path) => join(folder, path)) : [],
      );
    default:
      return [];
  }
}

function hasPostgres() {
  const versions = "/usr/lib/postgresql";
  return (
    existsSync(versions) &&
    readdirSync(versions).some((each) => existsSync(join(versions, each, "bin/postgres")))
  );
}

/** Debian's packages for what is missing. */
export function missingPackages() {
  return [
    ...(findChromium() ? [] : ["chromium"]),
    ...(findProgram("sqlite3") ? [] : ["sqlite3"]),
    // The torture's power cuts record the host's writes.
    ...(findProgram("gcc") ? [] : ["gcc", "libc6-dev"]),
    // What records are forwarded to.
    ...(existsSync("/usr/lib/rabbitmq/bin/rabbitmq-server") ? [] : ["rabbitmq-server"]),
    ...(hasPostgres() ? [] : ["postgresql"]),
    // What other programs put bodies into, and the clients that nobody here wrote.
    ...(findProgram("redis-server") ? [] : ["redis-server"]),
    ...(findProgram("amqp-publish") ? [] : ["amqp-tools"]),
  ];
}
