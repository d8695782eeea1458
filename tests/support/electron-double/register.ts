// `node --import register.ts dist/main/desktop.js`: the app finds the double where it asks for Electron.
import { registerHooks } from "node:module";

const DOUBLE = new URL("./electron.ts", import.meta.url).href;

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "electron" ? { url: DOUBLE, shortCircuit: true } : next(specifier, context),
});
