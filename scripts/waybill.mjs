#!/usr/bin/env node
// The `waybill` command: runs the built CLI on a Node that its native parts work with.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const cli = new URL("../dist/main/cli.js", import.meta.url);

if (!existsSync(cli)) stop("Waybill is not built here yet: run `npm ci && npm run build`.");
// better-sqlite3 brings the whole process down on an older Node, so this one must not even load it.
else if (Number(process.versions.node.split(".")[0]) >= 22) await import(cli.href);
else runOnPinnedNode();

function runOnPinnedNode() {
  const node = findPinnedNode();
  if (!node) return stop(`Waybill needs Node 22 or later; this is ${process.version}.`);
  const child = spawn(node, [fileURLToPath(cli), ...process.argv.slice(2)], { stdio: "inherit" });
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
    process.on(signal, () => {
      // On a terminal, Ctrl-C reaches the child by itself; twice would mean "at once".
      if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on("error", (error) => stop(`Waybill could not start ${node}: ${error.message}`));
  child.on("exit", (code, signal) => process.exit(code ?? 128 + (signal ? constants.signals[signal] : 0)));
}

function findPinnedNode() {
  try {
    const folder = dirname(createRequire(import.meta.url).resolve("node/package.json"));
    const node = join(folder, "bin", process.platform === "win32" ? "node.exe" : "node");
    return existsSync(node) ? node : undefined;
  } catch {
    return undefined;
  }
}

/** @param {string} line */
function stop(line) {
  console.error(line);
  process.exitCode = 2;
}
