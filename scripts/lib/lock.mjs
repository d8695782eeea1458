import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { at } from "./checkout.mjs";

const folder = at(".setup-lock");
const owner = join(folder, "pid");
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Runs `work` alone among all setups of this checkout; another one waits for its turn.
 * @param {() => Promise<void> | void} work
 */
export async function alone(work) {
  let told = false;
  while (!tryLock()) {
    if (isAbandoned()) {
      rmSync(folder, { recursive: true, force: true });
      continue;
    }
    if (!told) console.log("Another setup is at work in this checkout; waiting for it.");
    told = true;
    await sleep(200);
  }
  const release = () => rmSync(folder, { recursive: true, force: true });
  const exit = () => process.exit(1);
  process.once("exit", release);
  for (const signal of SIGNALS) process.once(signal, exit);
  try {
    await work();
  } finally {
    process.removeListener("exit", release);
    for (const signal of SIGNALS) process.removeListener(signal, exit);
    release();
  }
}

function tryLock() {
  try {
    mkdirSync(folder);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "EEXIST") return false;
    throw error;
  }
  writeFileSync(owner, String(process.pid));
  return true;
}

/** Its owner is gone, or it died between making the folder and writing its number. */
function isAbandoned() {
  try {
    const pid = Number(readFileSync(owner, "utf8"));
    if (pid > 0) {
      process.kill(pid, 0);
      return false;
    }
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "ESRCH") return true;
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "EPERM") return false;
  }
  const made = statSync(folder, { throwIfNoEntry: false });
  return made !== undefined && Date.now() - made.mtimeMs > 5_000;
}
