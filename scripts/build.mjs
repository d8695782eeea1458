// `npm run build`: every target by Vite, then the declarations that the package's `exports` point to.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { at, buildFingerprint, pinnedNode, root } from "./lib/checkout.mjs";
import { alone } from "./lib/lock.mjs";

// Built beside dist and swapped in, so that no running host or test meets a half-empty folder.
const next = at("dist.next");
const previous = at("dist.previous");

// Setup holds the lock already.
if (process.argv.includes("--locked")) build();
else await alone(build);

function build() {
  rmSync(next, { recursive: true, force: true });
  // Taken first: what changes during the build makes it stale.
  const fingerprint = buildFingerprint();
  tool("vite/bin/vite.js", ["build", "--app"]);
  tool("typescript/bin/tsc", ["-p", "tsconfig.declarations.json", "--outDir", join(next, "types")]);
  referToDisposable(join(next, "types", "src-main", "ledger", "message-logger.d.ts"));
  writeFileSync(join(next, ".built"), fingerprint);

  rmSync(previous, { recursive: true, force: true });
  if (existsSync(at("dist"))) renameSync(at("dist"), previous);
  renameSync(next, at("dist"));
  rmSync(previous, { recursive: true, force: true });
}

/** @param {string} script @param {string[]} args */
function tool(script, args) {
  const env = { ...process.env, WAYBILL_DIST: next };
  const { status } = spawnSync(pinnedNode, [at("node_modules", script), ...args], {
    cwd: root,
    env,
    stdio: "inherit",
  });
  if (status !== 0) process.exit(status ?? 1);
}

/**
 * `await using` needs a lib that a consumer may not have switched on; tsc drops this line from the source.
 * @param {string} declaration
 */
function referToDisposable(declaration) {
  writeFileSync(
    declaration,
    `/// <reference lib="esnext.disposable" />\n${readFileSync(declaration, "utf8")}`,
  );
}
