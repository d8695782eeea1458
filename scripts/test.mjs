// `npm test`: every check in turn, all of them even after a failure, and one line of numbers at the end.
// `npm run check` names the quick ones: test.mjs types lint unit.
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { constants } from "node:os";
import { relative } from "node:path";
import { at, root } from "./lib/checkout.mjs";
import { findElectron, hasDisplay } from "./lib/electron-binary.mjs";
import { findChromium } from "./lib/test-tools.mjs";

/**
 * `unsteady`: passed only when they were run a second time. They count as passed, and are named at the end.
 * @typedef {{ passed: number, failed: string[], skipped: string[], unsteady: string[] }} Outcome
 */

// Some tools colour what goes to a file when CI is set.
const plain = !process.stdout.isTTY;
const results = at("test-results");
const reportOf = (/** @type {string} */ step) => at("test-results", `${step}.json`);

// Always the same rounds; `npm run torture` begins with a seed of its own each time.
const TORTURE = { rounds: "25", seed: "7" };

// On two busy cores a broker or a browser may be late. What fails is run once more; what passed only then is named at the
// end, to be looked into.
const AGAIN = 1;

/** @type {Record<string, () => Promise<Outcome>>} */
const steps = {
  types: () => check("types"),
  lint: () => check("lint", plain ? ["--", "--colors=off"] : []),
  unit: () => vitest("unit"),
  integration: () => vitest("integration", [`--retry=${AGAIN}`]),
  pack: () => check("pack:check"),
  torture,
  browser,
};

const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(steps);
/** @type {Outcome} */
const total = nothing();

mkdirSync(results, { recursive: true });
for (const name of wanted) {
  const step = steps[name];
  if (!step) throw new Error(`No such step: ${name}. There are ${Object.keys(steps).join(", ")}.`);
  console.log(`\n── ${name}`);
  rmSync(reportOf(name), { force: true });
  const outcome = await step();
  total.passed += outcome.passed;
  total.failed.push(...outcome.failed.map((test) => `${name}: ${test}`));
  total.skipped.push(...outcome.skipped.map((test) => `${name}: ${test}`));
  total.unsteady.push(...outcome.unsteady.map((test) => `${name}: ${test}`));
}

// CI has what the tests need: there, a skipped test is one that nobody ran.
const failedBySkip = process.env.CI === "true" ? total.skipped.length : 0;
const failed = total.failed.length + failedBySkip;
const skipped = total.skipped.length - failedBySkip;

console.log("");
for (const test of total.unsteady) console.log(`unsteady (passed when run again)  ${test}`);
for (const test of total.failed) console.log(`failed  ${test}`);
if (total.skipped.length > 0) {
  console.log(`Skipped${failedBySkip ? " (with CI=true a failure)" : ""}: ${total.skipped.join("; ")}`);
}
console.log(`${total.passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ""}`);
process.exitCode = failed > 0 ? 1 : 0;

/** @param {string} script @param {string[]} [args] @returns {Promise<Outcome>} */
async function check(script, args = []) {
  const status = await npmRun([script, ...args]);
  return status === 0 ? { ...nothing(), passed: 1 } : { ...nothing(), failed: [`npm run ${script}`] };
}

/** @returns {Outcome} */
function nothing() {
  return { passed: 0, failed: [], skipped: [], unsteady: [] };
}

/** @param {string} step @param {string[]} [options] @returns {Promise<Outcome>} */
async function vitest(step, options = []) {
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${reportOf(step)}`];
  const status = await npmRun([`test:${step}`, "--", ...reporters, ...options]);
  const outcome = nothing();
  for (const file of readReport(step)?.testResults ?? []) {
    const name = relative(root, file.name);
    // A file that could not be loaded has no tests to count.
    if (file.status === "failed" && file.assertionResults.length === 0) outcome.failed.push(name);
    for (const test of file.assertionResults) {
      const title = `${name} › ${test.fullName}`;
      if (test.status === "passed") {
        outcome.passed += 1;
        const [first] = test.failureMessages;
        if (first !== undefined) outcome.unsteady.push(`${title}: ${first.split("\n", 1)[0]}`);
      } else if (test.status === "failed") outcome.failed.push(title);
      else outcome.skipped.push(title);
    }
  }
  return withStatus(outcome, status, step);
}

/** @returns {Promise<Outcome>} */
async function torture() {
  const { rounds, seed } = TORTURE;
  const options = ["--rounds", rounds, "--seed", seed, "--report", reportOf("torture")];
  const status = await npmRun(["torture", "--", ...options]);
  const outcome = nothing();
  for (const { name, outcome: became } of readReport("torture") ?? []) {
    if (became === "passed") outcome.passed += 1;
    else if (became === "skipped") outcome.skipped.push(name);
    else outcome.failed.push(name);
  }
  return withStatus(outcome, status, "torture");
}

/** @returns {Promise<Outcome>} */
async function browser() {
  const canRun = findChromium() !== undefined;
  if (!canRun) console.log("No Chromium on this machine: the browser tests are skipped.");
  const options = canRun ? [`--retries=${AGAIN}`] : ["--list", "--reporter=json"];
  const status = await npmRun(["test:browser", "--", ...options], {
    PLAYWRIGHT_JSON_OUTPUT_FILE: reportOf("browser"),
    // Playwright sets FORCE_COLOR for its workers; Node complains where both are there.
    NO_COLOR: undefined,
  });
  const outcome = nothing();
  /** @type {Map<string, number>} */
  const ran = new Map();
  for (const { project, name, state } of playwrightTests(readReport("browser")?.suites ?? [])) {
    if (canRun && state !== "skipped") ran.set(project, (ran.get(project) ?? 0) + 1);
    if (!canRun || state === "skipped") outcome.skipped.push(`${project} › ${name}`);
    else if (state === "expected" || state === "flaky") outcome.passed += 1;
    else outcome.failed.push(`${project} › ${name}`);
    if (state === "flaky") outcome.unsteady.push(`${project} › ${name}`);
  }
  const hosts = [...ran].map(([project, tests]) => `${project} (${tests})`);
  console.log(`Browser tests ran on: ${hosts.join(", ") || "nothing"}${withoutElectron()}`);
  return withStatus(outcome, status, "browser");
}

/** Why the tests did not run on Electron itself, where they did not: no machine has to have it. */
function withoutElectron() {
  if (findElectron() === undefined) return "; Electron: no binary here";
  return hasDisplay() ? "" : "; Electron: no display here";
}

/**
 * @typedef {{ projectName: string, status: string }} Test
 * @typedef {{ title: string, file: string, specs?: { title: string, tests: Test[] }[], suites?: Suite[] }} Suite
 * @param {Suite[]} suites @param {string[]} above
 * @returns {{ project: string, name: string, state: string }[]}
 */
function playwrightTests(suites, above = []) {
  return suites.flatMap((suite) => {
    const path = [...above, suite.title];
    const own = (suite.specs ?? []).flatMap((spec) =>
      spec.tests.map(({ projectName, status }) => ({
        project: projectName,
        name: [...path, spec.title].join(" › "),
        state: status,
      })),
    );
    return [...own, ...playwrightTests(suite.suites ?? [], path)];
  });
}

/**
 * A runner that failed without a failed test (it crashed, found no tests, met an unhandled error) counts as one.
 * @param {Outcome} outcome @param {number} status @param {string} step
 */
function withStatus(outcome, status, step) {
  if (status !== 0 && outcome.failed.length === 0)
    outcome.failed.push(`the ${step} runner ended with ${status}`);
  return outcome;
}

/** @param {string} step */
function readReport(step) {
  try {
    return JSON.parse(readFileSync(reportOf(step), "utf8"));
  } catch {
    return undefined;
  }
}

/** @param {string[]} args @param {NodeJS.ProcessEnv} [extra] @returns {Promise<number>} */
function npmRun(args, extra) {
  const npm = process.env.npm_execpath;
  const [command, first] = npm ? [process.execPath, [npm]] : ["npm", []];
  const child = spawn(command, [...first, "run", "--silent", ...args], {
    cwd: root,
    env: { ...process.env, ...(plain ? { NO_COLOR: "1" } : {}), ...extra },
    stdio: ["ignore", "inherit", "inherit"],
    shell: process.platform === "win32" && !npm,
  });
  return new Promise((done, fail) => {
    child.on("error", fail);
    child.on("exit", (code, signal) => done(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
}
