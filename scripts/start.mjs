// `npm start [-- --demo] [what serve takes]`: the desktop window where there can be one, else the headless host.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { at } from "./lib/checkout.mjs";

const launcher = fileURLToPath(new URL("waybill.mjs", import.meta.url));
const args = process.argv.slice(2).filter((arg) => arg !== "--demo");

const lack = existsSync(at("node_modules", "electron", "dist")) ? "no display" : "no Electron binary";
console.log(`No desktop window on this machine (${lack}): starting the headless host.`);

if (process.argv.includes("--demo")) fillWithDemo();

// In this very process: signals reach the host itself, and nothing is started twice.
process.argv = [process.execPath, launcher, "serve", ...args];
stopWithParent();
await import("./waybill.mjs");

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
  const { status, signal } = spawnSync(process.execPath, [launcher, "demo", ...dataDirOf(args)], {
    stdio: "inherit",
  });
  // Bad usage or Ctrl-C; a ledger that holds something already is no reason not to start.
  if (signal || status === 2 || (status ?? 0) > 128) process.exit(status ?? 1);
  if (status !== 0) console.log("The ledger was left alone: the sample fills only an empty one.");
}

/** @param {string[]} serveArgs */
function dataDirOf(serveArgs) {
  const index = serveArgs.findIndex((arg) => arg === "--data-dir" || arg.startsWith("--data-dir="));
  if (index < 0) return [];
  return serveArgs.slice(index, index + (serveArgs[index] === "--data-dir" ? 2 : 1));
}
