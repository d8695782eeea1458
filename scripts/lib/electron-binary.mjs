// Where Electron's own program is: it comes apart from its package, and not on every machine.
import { spawn } from "node:child_process";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { at, pinnedNode } from "./checkout.mjs";
import { alone } from "./lock.mjs";

/** Undefined where it was not downloaded. Asking Electron's package itself would download it. */
export function findElectron() {
  const folder = at("node_modules", "electron");
  const named = join(folder, "path.txt");
  // Written when all of it was unpacked; a folder of the user's own needs none.
  const own = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  const program = existsSync(named) ? readFileSync(named, "utf8") : own ? "electron" : undefined;
  if (program === undefined) return undefined;
  const path = join(own || join(folder, "dist"), program);
  return existsSync(path) ? path : undefined;
}

/** Whether a window can be shown: always, but for a Linux without a graphical session. */
export function hasDisplay() {
  return process.platform !== "linux" || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
}

/** For root there is no sandbox on Linux: Electron does not start without being told so. */
export const needsNoSandbox = () => process.platform === "linux" && process.getuid?.() === 0;

/**
 * What to do before Electron can start on a Linux that lets programs make no namespaces, as Ubuntu does since 23.10;
 * undefined where it can. Electron itself would only crash.
 * @param {string} electron
 */
export function sandboxRemedy(electron) {
  if (process.platform !== "linux" || needsNoSandbox() || !namespacesAreOff()) return undefined;
  const helper = join(dirname(electron), "chrome-sandbox");
  const found = statSync(helper, { throwIfNoEntry: false });
  if (found?.uid === 0 && (found.mode & 0o4000) !== 0) return undefined;
  return `sudo chown root:root ${helper} && sudo chmod 4755 ${helper}`;
}

function namespacesAreOff() {
  /** @param {string} name @param {string} off */
  const is = (name, off) => {
    try {
      return readFileSync(join("/proc/sys", name), "utf8").trim() === off;
    } catch {
      return false;
    }
  };
  return (
    is("kernel/apparmor_restrict_unprivileged_userns", "1") ||
    is("kernel/unprivileged_userns_clone", "0") ||
    is("user/max_user_namespaces", "0")
  );
}

const triedStamp = at("node_modules", ".waybill-electron-tried");

/** Whether the download of this version was tried before, whatever became of it. */
export function wasTried() {
  return existsSync(triedStamp) && readFileSync(triedStamp, "utf8") === version();
}

function version() {
  return JSON.parse(readFileSync(at("node_modules", "electron", "package.json"), "utf8")).version;
}

/**
 * Has Electron's package download and unpack its program. Gives what went wrong, or undefined.
 * @param {number} seconds it may take
 * @returns {Promise<string | undefined>}
 */
export async function downloadElectron(seconds) {
  /** @type {string | undefined} */
  let problem;
  await alone(async () => {
    // Another start may have brought it meanwhile.
    if (findElectron() !== undefined) return;
    writeFileSync(triedStamp, version());
    problem = await runInstall(seconds);
  });
  return problem ?? (findElectron() === undefined ? "it is not there after all" : undefined);
}

/** @param {number} seconds @returns {Promise<string | undefined>} */
function runInstall(seconds) {
  const child = spawn(pinnedNode, [at("node_modules", "electron", "install.js")], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  let told = "";
  child.stderr.setEncoding("utf8").on("data", (text) => {
    told += text;
  });
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      kill();
      resolve(`it was not here within ${seconds} s`);
    }, seconds * 1_000);
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code) => {
      clearTimeout(timer);
      process.removeListener("exit", kill);
      resolve(code === 0 ? undefined : reasonIn(told) || `Electron's install ended with ${code}`);
    });
  });
}

/** Of an error with its stack, the innermost cause in one line. @param {string} text */
function reasonIn(text) {
  const lines = text.split("\n").filter((line) => /^\s*(?:\[cause\]: )?\w*Error\b/.test(line));
  return lines
    .at(-1)
    ?.trim()
    .replace(/^(?:\[cause\]: )?\w*Error: /, "");
}
