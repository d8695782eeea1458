// `node --import register.ts dist/main/desktop.js`: the app finds the double where it asks for Electron.
import { registerHooks } from "node:module";
import { isMainThread } from "node:worker_threads";
import { controlClock, controlIntervals, controlThreads } from "./process-control.ts";

const DOUBLE = new URL("./electron.ts", import.meta.url).href;

// The app's threads load this file too: they have the same clock, and nothing to do with Electron.
controlClock();
if (isMainThread) {
  controlIntervals();
  controlThreads();
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === "electron" ? { url: DOUBLE, shortCircuit: true } : next(specifier, context),
  });
}
