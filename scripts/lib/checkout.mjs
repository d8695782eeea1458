// What setup, build and start know about this checkout. Plain Node 20, no dependencies: it runs in a fresh clone.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

export const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

/** @param {string[]} path */
export const at = (...path) => join(root, ...path);

/** The pinned Node, which comes as the dev dependency `node`. */
export const pinnedNode = at(
  "node_modules",
  "node",
  "bin",
  process.platform === "win32" ? "node.exe" : "node",
);

// A stamp holds the fingerprint of what it was made from: where the two agree there is nothing to do.
export const installStamp = at("node_modules", ".waybill-installed");
export const installFingerprint = () => fingerprint([at("package-lock.json")]);

export const buildStamp = at("dist", ".built");
export const buildFingerprint = () =>
  fingerprint([
    ...["src-shared", "src-main", "src-renderer", "assets/supabase"].flatMap((folder) => filesIn(at(folder))),
    ...readdirSync(root)
      .filter((name) => /^(tsconfig.*\.json|vite\.config\.ts|package(-lock)?\.json)$/.test(name))
      .map((name) => at(name)),
    at("scripts", "build.mjs"),
  ]);

/** @param {string} stamp @param {string} wanted */
export function isCurrent(stamp, wanted) {
  return existsSync(stamp) && readFileSync(stamp, "utf8") === wanted;
}

/** @param {string} folder @returns {string[]} */
function filesIn(folder) {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** @param {string[]} files */
function fingerprint(files) {
  const hash = createHash("sha256").update(`${process.platform}-${process.arch}`);
  for (const file of files.sort()) {
    hash.update(`\0${relative(root, file).replaceAll(sep, "/")}\0`).update(readFileSync(file));
  }
  return hash.digest("hex");
}
