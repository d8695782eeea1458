// Makes a checkout ready: installs, builds, and with --tests brings what the tests need. Does nothing twice.
// Runs before anything is installed, so on the system's Node and without dependencies.
import { spawnSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import {
  at,
  buildFingerprint,
  buildStamp,
  installFingerprint,
  installStamp,
  isCurrent,
  pinnedNode,
  root,
} from "./lib/checkout.mjs";
import { alone } from "./lib/lock.mjs";
import { findProgram, missingPackages } from "./lib/test-tools.mjs";

const forTests = process.argv.includes("--tests");

const isInstalled = () => existsSync(pinnedNode) && isCurrent(installStamp, installFingerprint());
const isBuilt = () => isCurrent(buildStamp, buildFingerprint());
const canInstallPackages = () => process.getuid?.() === 0 && existsSync("/etc/debian_version");

const packagesWanted = forTests ? missingPackages() : [];
if (!isInstalled() || !isBuilt() || (packagesWanted.length > 0 && canInstallPackages())) {
  await alone(() => {
    // Each asks again: another setup may have done it meanwhile.
    if (!isInstalled()) install();
    if (!isBuilt()) run("Building Waybill.", pinnedNode, [at("scripts", "build.mjs"), "--locked"]);
    if (forTests && canInstallPackages()) installPackages(missingPackages());
  });
}
if (forTests) {
  const missing = missingPackages();
  if (missing.length > 0) {
    console.log(`Some tests need more: apt-get install -y --no-install-recommends ${missing.join(" ")}`);
  }
}

function install() {
  const wanted = installFingerprint();
  rmSync(installStamp, { force: true });
  const ci = ["ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"];
  const npm = process.env.npm_execpath;
  // Not by the pinned Node: it is inside the folder that `npm ci` replaces.
  const node = process.env.npm_node_execpath ?? process.execPath;
  if (npm) run("Installing dependencies.", node, [npm, ...ci]);
  else run("Installing dependencies.", "npm", ci);
  writeFileSync(installStamp, wanted);
}

/** @param {string[]} packages */
function installPackages(packages) {
  if (packages.length === 0) return;
  console.log(`Installing ${packages.join(" and ")} with apt-get.`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const wait = ["-o", "DPkg::Lock::Timeout=120"];
  for (const args of [["update"], [...wait, "install", "-y", "--no-install-recommends", ...packages]]) {
    const { status, stdout, stderr } = spawnSync(findProgram("apt-get") ?? "apt-get", args, {
      env,
      encoding: "utf8",
    });
    // Not fatal: the tests that need them are skipped by name, and with CI=true that fails the run.
    if (status !== 0) console.error(`apt-get ${args.join(" ")} failed:\n${stdout ?? ""}${stderr ?? ""}`);
  }
}

/** @param {string} what @param {string} command @param {string[]} args */
function run(what, command, args) {
  console.log(what);
  const { status, signal, error, stdout, stderr } = spawnSync(command, args, {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 64 * 1024 * 1024,
    shell: process.platform === "win32" && command === "npm",
  });
  if (status === 0) return;
  console.error(`${stdout ?? ""}${stderr ?? ""}${error ?? ""}`.trim());
  console.error(`Setup stopped: "${command} ${args.join(" ")}" ended with ${signal ?? status}.`);
  process.exit(1);
}
