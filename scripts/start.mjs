// `npm start [-- --demo] [--headless | --desktop] [what serve takes]`: the desktop app where there can be a window, else
// the headless host.
import { spawn, spawnSync } from "node:child_process";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";
import { root } from "./lib/checkout.mjs";
import {
  downloadElectron,
  findElectron,
  hasDisplay,
  needsNoSandbox,
  sandboxRemedy,
  wasTried,
} from "./lib/electron-binary.mjs";
import { readStartOptions } from "./lib/start-options.mjs";

/** Electron's program is about 120 MB. With 0 nothing is downloaded. */
const downloadSeconds = Number(process.env.WAYBILL_ELECTRON_SECONDS || 60);
const HELP = `npm start -- [--demo] [--headless | --desktop] [--data-dir DIR]
  --demo      fills an empty ledger with the sample
  --headless  starts the host without a window; with any option of \`waybill serve\` below, too
  --desktop   starts the desktop app or says why it can't, and tries Electron's download again
`;

const launcher = fileURLToPath(new URL("waybill.mjs", import.meta.url));
const options = readStartOptions(process.argv.slice(2));

stopWithParent();
if (options.misuse !== undefined) stop(2, options.misuse);
else if (!(downloadSeconds >= 0)) stop(2, "WAYBILL_ELECTRON_SECONDS is no number of seconds.");
else if (options.serveOnly.some((arg) => arg === "--help" || arg === "-h")) {
  console.log(HELP);
  await startHeadless();
} else if (options.mode === "headless") await start(startHeadless);
// Whoever says where to listen wants the host that does; an option that nobody knows is for it to refuse, as well.
else if (options.serveOnly.length > 0) {
  console.log(`${options.serveOnly[0]} is for the headless host: starting it.`);
  await start(startHeadless);
} else {
  const { electron, lack, remedy } = await findDesktop();
  if (electron !== undefined) await start(() => startDesktop(electron));
  else if (options.mode === "desktop") stop(1, `no desktop window on this machine (${lack}). ${remedy}`);
  else {
    console.log(`No desktop window on this machine (${lack}): starting the headless host.`);
    await start(startHeadless);
  }
}

/** @param {() => Promise<void> | void} startHost */
async function start(startHost) {
  if (options.demo) fillWithDemo();
  await startHost();
}

/** @returns {Promise<{ electron?: string, lack?: string, remedy?: string }>} */
async function findDesktop() {
  if (!hasDisplay()) {
    return {
      lack: "no display",
      remedy: "Start it in a graphical session, or under `xvfb-run npm start -- --desktop`.",
    };
  }
  const problem = findElectron() === undefined ? await tryDownload() : undefined;
  const electron = findElectron();
  if (electron === undefined) {
    return {
      lack: `no Electron binary: ${problem}`,
      remedy: "`npx install-electron --no` downloads it without a time limit.",
    };
  }
  const sandboxCommands = sandboxRemedy(electron);
  if (sandboxCommands === undefined) return { electron };
  return {
    lack: `Electron gets its sandbox here only after \`${sandboxCommands}\``,
    remedy: "Run that once.",
  };
}

/** Once by itself, and whenever the desktop app is asked for. Gives why there is none. */
async function tryDownload() {
  const asked = options.mode === "desktop";
  if (downloadSeconds === 0) return "WAYBILL_ELECTRON_SECONDS=0 says to download none";
  if (!asked && process.env.CI === "true") return "none is downloaded in CI";
  if (!asked && wasTried()) return "its download was tried before; `npm start -- --desktop` tries again";
  console.log(`Downloading Electron's binary, once, for ${downloadSeconds} s at most.`);
  return downloadElectron(downloadSeconds);
}

/** @param {string} electron */
function startDesktop(electron) {
  const args = [root, ...(needsNoSandbox() ? ["--no-sandbox"] : []), ...options.dataDir];
  // With it Electron would be a Node: editors built on Electron leave it in their terminals.
  const { ELECTRON_RUN_AS_NODE: _asNode, ...env } = process.env;
  const child = spawn(electron, args, { stdio: "inherit", env });
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
    process.on(signal, () => {
      // On a terminal, Ctrl-C reaches the app by itself.
      if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on("error", (error) => stop(1, `Electron could not be started (${error.message}).`));
  child.on("exit", (code, signal) => {
    const status = code ?? 128 + (signal ? constants.signals[signal] : 0);
    if (status === 0) process.exit(0);
    stop(
      status,
      `the desktop app ended with ${signal ?? status}. \`npm start -- --headless\` starts Waybill without a window.`,
    );
  });
}

/** In this very process: signals reach the host itself, and nothing is started twice. */
async function startHeadless() {
  process.argv = [process.execPath, launcher, "serve", ...options.serve];
  await import("./waybill.mjs");
}

/** npm sends SIGTERM to the shell between itself and us, which dies of it and tells nobody. */
function stopWithParent() {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, "SIGTERM");
  }, 250);
  watch.unref();
}

function fillWithDemo() {
  const { status, signal } = spawnSync(process.execPath, [launcher, "demo", ...options.dataDir], {
    stdio: "inherit",
  });
  // Bad usage or Ctrl-C; a ledger that holds something already is no reason not to start.
  if (signal || status === 2 || (status ?? 0) > 128) process.exit(status ?? 1);
  if (status !== 0) console.log("The ledger was left alone: the sample fills only an empty one.");
}

/** @param {number} status @param {string} sentence */
function stop(status, sentence) {
  console.error(`npm start: ${sentence}`);
  process.exit(status);
}
