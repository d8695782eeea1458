// `npm run torture [-- options]`: rounds of faults against the built host; see tests/torture/options.ts.
import { spawn, spawnSync } from "node:child_process";
import { constants } from "node:os";
import { at, pinnedNode, root } from "./lib/checkout.mjs";

// A dist that is named is taken as it is.
if (process.env.WAYBILL_DIST === undefined) {
  const { status } = spawnSync(process.execPath, [at("scripts", "setup.mjs")], {
    cwd: root,
    stdio: "inherit",
  });
  if (status !== 0) process.exit(status ?? 1);
}

const harness = spawn(pinnedNode, [at("tests", "torture", "main.ts"), ...process.argv.slice(2)], {
  cwd: root,
  stdio: "inherit",
});
// The harness ends what it started, mounts included, before it ends itself.
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
  process.on(signal, () => {
    // On a terminal, Ctrl-C reaches the harness by itself.
    if (signal !== "SIGINT" || !process.stdin.isTTY) harness.kill(signal);
  });
}
harness.on("exit", (code, signal) => process.exit(code ?? 128 + (signal ? constants.signals[signal] : 0)));
