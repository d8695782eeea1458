// `npm run pack:check`: packs the desktop app for this platform and proves what is in it. Where Electron's binary is
// not installed a stand-in takes its place: then the packed program itself can't be started, all else is the same.
import { spawn, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { createInterface } from "node:readline";
import { extractAll, listPackage } from "@electron/asar";
import { FuseV1Options, getCurrentFuseWire } from "@electron/fuses";
import { at, pinnedNode, root } from "./lib/checkout.mjs";

/** What the installer adds to Electron itself, in millions of bytes. */
const BUDGET_MB = 30;
/** `@electron/fuses` finds the switches of a binary behind it: a version, their count, and one character for each. */
const FUSE_SENTINEL = "dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX";
const FUSES = "01110010";
const FUSES_WANTED = /** @type {const} */ ([
  [FuseV1Options.RunAsNode, "0"],
  [FuseV1Options.EnableCookieEncryption, "1"],
  [FuseV1Options.EnableNodeOptionsEnvironmentVariable, "0"],
  [FuseV1Options.EnableNodeCliInspectArguments, "0"],
  [FuseV1Options.EnableEmbeddedAsarIntegrityValidation, "1"],
  [FuseV1Options.OnlyLoadAppFromAsar, "1"],
  [FuseV1Options.GrantFileProtocolExtraPrivileges, "0"],
]);

/** What the operator runs in Supabase: every message of the app names it so. */
const SQL = "assets/supabase/waybill.sql";
/** What `waybill consume` runs in PostgreSQL. */
const ARCHIVE_SQL = ["assets/postgres/0001-archive.sql", "assets/postgres/0002-words.sql"];

const work = mkdtempSync(join(tmpdir(), "waybill-pack-"));
let failures = 0;
try {
  checkNpmPackage();
  await checkPacked(pack());
} finally {
  rmSync(work, { recursive: true, force: true });
}
if (failures > 0) process.exitCode = 1;

/** @param {string} what @param {unknown} problem */
function check(what, problem) {
  const fine = problem === false || problem === "" || (Array.isArray(problem) && problem.length === 0);
  if (!fine) failures += 1;
  const told = Array.isArray(problem) ? problem.slice(0, 10).join("\n        ") : String(problem);
  console.log(fine ? `ok      ${what}` : `FAILED  ${what}\n        ${told}`);
}

/** What `npm install` of Waybill would bring: nothing of it is built or run here. */
function checkNpmPackage() {
  const npm = process.env.npm_execpath;
  const [command, first] = npm ? [process.execPath, [npm]] : ["npm", []];
  const { stdout, stderr } = spawnSync(
    command,
    [...first, "pack", "--dry-run", "--json", "--ignore-scripts", "--loglevel=error"],
    { cwd: root, encoding: "utf8", shell: process.platform === "win32" && !npm, maxBuffer: 64 * 1024 * 1024 },
  );
  let paths = new Set();
  try {
    paths = new Set(JSON.parse(stdout)[0].files.map((/** @type {{ path: string }} */ { path }) => path));
  } catch {
    check("npm lists what it would pack", stderr || "it listed nothing");
  }
  const { main, bin, exports } = JSON.parse(readFileSync(at("package.json"), "utf8"));
  const wanted = [
    main,
    ...Object.values(bin),
    ...Object.values(exports["."]),
    ...Object.values(exports["./chat"]),
    SQL,
    ...ARCHIVE_SQL,
    "dist/main/cli.js",
  ];
  check(
    "the npm package holds what it names, and the SQL",
    wanted.map((path) => path.replace(/^\.\//, "")).filter((path) => !paths.has(path)),
  );
  check(
    "the npm package holds no sources or tests",
    [...paths].filter((path) => /^(?:src-|tests\/|docs\/)/.test(path)),
  );
}

/** Gives the folder of the packed program. */
function pack() {
  const hasBinary = existsSync(at("node_modules", "electron", "dist", "version"));
  const output = join(work, "release");
  const options = [`-c.directories.output=${output}`];
  if (!hasBinary) options.push(`-c.electronDist=${makeStandIn()}`);
  console.log(`Packing with ${hasBinary ? "Electron's own binary" : "a stand-in for Electron's binary"}.`);
  const cli = at("node_modules", "electron-builder", "cli.js");
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [cli, "--dir", `--${process.arch}`, "--publish", "never", ...options],
    // Nothing is signed here, nor asked for.
    { cwd: root, encoding: "utf8", env: { ...process.env, CSC_IDENTITY_AUTO_DISCOVERY: "false" } },
  );
  if (status !== 0) throw new Error(`electron-builder ended with ${status}:\n${stdout}${stderr}`);
  const folder = readdirSync(output).find((name) => /unpacked|^mac/.test(name));
  if (folder === undefined) throw new Error(`Nothing was packed in ${output}`);
  return join(output, folder);
}

/** As much of Electron's folder as electron-builder looks at. */
function makeStandIn() {
  const folder = join(work, "electron");
  mkdirSync(join(folder, "resources"), { recursive: true });
  mkdirSync(join(folder, "locales"));
  const wire = Buffer.from([1, FUSES.length]);
  const binary = Buffer.concat([Buffer.from(FUSE_SENTINEL), wire, Buffer.from(FUSES)]);
  const name = process.platform === "win32" ? "electron.exe" : "electron";
  writeFileSync(join(folder, name), binary, { mode: 0o755 });
  writeFileSync(join(folder, "locales", "en-US.pak"), "");
  for (const file of ["LICENSE", "LICENSES.chromium.html", "version"]) writeFileSync(join(folder, file), "");
  return folder;
}

/** @param {string} folder */
async function checkPacked(folder) {
  const isMac = process.platform === "darwin";
  const resources = isMac ? join(folder, "Waybill.app", "Contents", "Resources") : join(folder, "resources");
  const asar = join(resources, "app.asar");
  const entries = listPackage(asar, { isPack: false }).map((path) => path.replaceAll("\\", "/").slice(1));

  const wanted = ["package.json", "dist/main/desktop.js", "dist/main/cli.js", "dist/main/ledger-worker.js"];
  wanted.push("dist/main/forwarding-worker.js", "dist/preload/preload.cjs", "dist/renderer/index.html");
  wanted.push("assets/tray/tray.png");
  check(
    "holds what the app needs",
    wanted.filter((path) => !entries.includes(path)),
  );

  const sql = join(resources, SQL);
  check(
    `${SQL} lies beside the archive, where it can be opened`,
    existsSync(sql) && readFileSync(sql).equals(readFileSync(at(SQL)))
      ? ""
      : `${sql} is not there, or another`,
  );

  const unwanted = /\.(?:ts|tsx|map|md)$|^(?:src-|tests\/|scripts\/|docs\/)|\/(?:tests?|__tests__)\//;
  check(
    "holds no sources, tests or maps",
    entries.filter((path) => unwanted.test(path)),
  );

  // By the lock: `ws` is ours for the tests, and also what a dependency needs, be it in a folder of its own.
  /** @type {Record<string, { dev?: boolean }>} */
  const locked = JSON.parse(readFileSync(at("package-lock.json"), "utf8")).packages;
  const shipped = new Set(
    Object.entries(locked).flatMap(([path, { dev }]) =>
      dev === true ? [] : [path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length)],
    ),
  );
  const packages = new Set(
    entries.flatMap((path) => /^node_modules\/(@[^/]+\/[^/]+|[^@/][^/]*)/.exec(path)?.[1] ?? []),
  );
  check(
    "holds no dev dependencies",
    [...packages].filter((name) => !shipped.has(name)),
  );

  const unpacked = filesIn(`${asar}.unpacked`).map((path) => path.replaceAll("\\", "/"));
  const native = `node_modules/better-sqlite3/prebuilds/${process.platform}-${process.arch}.node`;
  check(
    `its one native file is ${native}, outside of the archive`,
    unpacked.length === 1 && unpacked[0] === native ? [] : [`found ${unpacked.join(", ") || "none"}`],
  );

  const bytes =
    statSync(asar).size + unpacked.reduce((sum, path) => sum + sizeOf(`${asar}.unpacked`, path), 0);
  const size = (bytes / 1e6).toFixed(1);
  check(`its size of ${size} MB is within ${BUDGET_MB} MB`, bytes > BUDGET_MB * 1e6 && `${size} MB`);

  const program = isMac ? "Waybill.app" : process.platform === "win32" ? "Waybill.exe" : "waybill";
  const fuses = await getCurrentFuseWire(join(folder, program));
  check(
    "its fuses are set",
    FUSES_WANTED.flatMap(([fuse, state]) =>
      Number(fuses[fuse]) === state.charCodeAt(0) ? [] : [`${FuseV1Options[fuse]} is not ${state}`],
    ),
  );

  await checkHeadless(asar);
}

/**
 * The packed program runs no scripts of others: its files are taken out, and run by Node.
 * @param {string} asar
 */
async function checkHeadless(asar) {
  const app = join(work, "app");
  extractAll(asar, app);
  cpSync(`${asar}.unpacked`, app, { recursive: true });
  const data = join(work, "data");
  /** @param {string[]} args @param {string} [input] */
  const run = (args, input = "") => {
    const cli = [join(app, "dist", "main", "cli.js"), ...args, "--data-dir", data];
    return spawnSync(pinnedNode, cli, { cwd: work, input, encoding: "utf8" });
  };
  const logged = run(["log", "--ack"], '{"topic":"packed","content_preview":"from the packed app"}\n');
  check(
    "the packed host logs",
    logged.status === 0 && /^[0-9a-f-]{36}$/m.test(logged.stdout) ? "" : logged.stderr,
  );
  const found = run(["search", "topic:packed", "--json"]);
  check("the packed host searches", found.stdout.includes("from the packed app") ? "" : found.stderr);
  const exported = run(["export", "--format", "csv"]);
  check("the packed host exports", exported.stdout.includes("from the packed app") ? "" : exported.stderr);
  check("the packed host serves the UI", await serves(app, data));
}

/** @param {string} app @param {string} data @returns {Promise<string>} what is wrong */
async function serves(app, data) {
  const args = [join(app, "dist", "main", "cli.js"), "serve", "--json", "--port", "0", "--data-dir", data];
  const child = spawn(pinnedNode, args, { cwd: work, stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const { event, url } = JSON.parse(line);
      if (event !== "listening") continue;
      const page = await fetch(`${url}/`, { headers: { accept: "text/html" } });
      const health = await fetch(`${url}/health`);
      const problem = `/ answers ${page.status}, /health ${health.status}`;
      return page.ok && health.ok && (await page.text()).includes('<div id="root">') ? "" : problem;
    }
    return "it ended before it listened";
  } finally {
    child.kill("SIGTERM");
    await ended;
  }
}

/** @param {string} folder @returns {string[]} */
function filesIn(folder) {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

/** @param {string} folder @param {string} path */
function sizeOf(folder, path) {
  return statSync(join(folder, path)).size;
}
