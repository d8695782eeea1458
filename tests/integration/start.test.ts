import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { CLI, eventually, NODE, outcomeOf, type Result, temporaryFolder } from "./support/waybill.ts";

// `npm start` in a copy of the checkout, where programs that only say how they were started take the place of both
// hosts. Node takes the place of Electron's binary: as that does, it runs the `main` of the folder it is given.
const ROOT = join(import.meta.dirname, "../..");
const SAY = `const { ELECTRON_RUN_AS_NODE: asNode = null } = process.env;
console.log(JSON.stringify({ host, args: process.argv.slice(2), program: process.argv[1], asNode }));`;
const DESKTOP = `const host = "desktop";
process.on("SIGTERM", () => { console.log("told to end"); process.exit(3); });
${SAY}
if (process.env.TEST_WAITS) setInterval(() => {}, 1_000);`;
const HEADLESS = `const host = "headless";\n${SAY}`;
/** What downloads Electron, as a script of Electron's package. */
const INSTALL = {
  succeeds: `require("node:fs").writeFileSync(__dirname + "/path.txt", "${basename(NODE)}");`,
  fails: `console.error(new TypeError("fetch failed").stack); process.exitCode = 1;`,
  hangs: "setInterval(() => {}, 1_000);",
};
const isLinux = process.platform === "linux";
/** Root has no sandbox on Linux, and Electron wants to be told. */
const sandbox = isLinux && process.getuid?.() === 0 ? ["--no-sandbox"] : [];

let copy: string;
let electron: string;
beforeEach(async () => {
  copy = await temporaryFolder();
  electron = join(copy, "node_modules/electron");
  await mkdir(electron, { recursive: true });
  await mkdir(join(copy, "dist/main"), { recursive: true });
  await cp(join(ROOT, "scripts"), join(copy, "scripts"), { recursive: true });
  await symlink(join(ROOT, "node_modules/node"), join(copy, "node_modules/node"), "junction");
  await writeFile(join(copy, "package.json"), '{"type":"module","main":"dist/main/desktop.js"}');
  await writeFile(join(copy, "dist/main/desktop.js"), DESKTOP);
  await writeFile(join(copy, "dist/main/cli.js"), HEADLESS);
  await writeFile(join(electron, "package.json"), '{"version":"1.0.0"}');
  await install("fails");
});

const install = (how: keyof typeof INSTALL) => writeFile(join(electron, "install.js"), INSTALL[how]);
const haveBinary = () => writeFile(join(electron, "path.txt"), basename(NODE));

type Settings = { args?: string[]; display?: boolean; env?: Record<string, string> };

function environment({ display = true, env = {} }: Settings): NodeJS.ProcessEnv {
  const { DISPLAY: _x, WAYLAND_DISPLAY: _wayland, CI: _ci, WAYBILL_DATA_DIR: _dir, ...own } = process.env;
  return {
    ...own,
    ELECTRON_OVERRIDE_DIST_PATH: dirname(NODE),
    ...(display ? { DISPLAY: ":77" } : {}),
    ...env,
  };
}

function spawnStart(settings: Settings = {}): ChildProcess {
  const script = join(copy, "scripts/start.mjs");
  const child = spawn(NODE, [script, ...(settings.args ?? [])], { cwd: copy, env: environment(settings) });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

const start = (settings?: Settings): Promise<Result> => outcomeOf(spawnStart(settings));

/** What the program that was started in the end says of itself. */
function started({ stdout }: Result): {
  host: string;
  args: string[];
  program: string;
  asNode: string | null;
} {
  const line = stdout.split("\n").find((one) => one.startsWith("{"));
  return JSON.parse(line ?? "{}");
}

describe("with a binary and a display", () => {
  beforeEach(haveBinary);

  test("the desktop app is started with its data folder, and its exit code is given on", async () => {
    const result = await start({ args: ["--data-dir", "some where"] });
    expect(started(result)).toMatchObject({
      host: "desktop",
      args: [...sandbox, "--data-dir", "some where"],
      program: copy,
    });
    expect(result).toMatchObject({ code: 0, stderr: "" });
  });

  test("a terminal of an editor built on Electron does not make a Node of it", async () => {
    expect(started(await start({ env: { ELECTRON_RUN_AS_NODE: "1" } }))).toMatchObject({
      host: "desktop",
      asNode: null,
    });
  });

  test("--headless, and options of the headless host alone, start that one", async () => {
    expect(started(await start({ args: ["--headless"] }))).toMatchObject({
      host: "headless",
      args: ["serve"],
    });
    const result = await start({ args: ["--port", "9000", "--data-dir=d", "--json"] });
    expect(started(result)).toMatchObject({
      host: "headless",
      args: ["serve", "--port", "9000", "--data-dir=d", "--json"],
    });
    expect(result.stdout).toContain("--port is for the headless host");
  });

  test("--help tells of both", async () => {
    const result = await start({ args: ["--help"] });
    expect(result.stdout).toContain("--desktop");
    expect(started(result)).toMatchObject({ host: "headless", args: ["serve", "--help"] });
  });

  test("the sample fills the data folder that the desktop app opens", async () => {
    await writeFile(
      join(copy, "dist/main/cli.js"),
      `await import(${JSON.stringify(pathToFileURL(CLI).href)});`,
    );
    const dataDir = join(copy, "data");
    const result = await start({ args: ["--demo", "--data-dir", dataDir] });
    expect(started(result)).toMatchObject({ host: "desktop", args: [...sandbox, "--data-dir", dataDir] });
    expect((await readFile(join(dataDir, "ledger.db"))).length).toBeGreaterThan(1_000_000);
    const again = await start({ args: ["--demo", "--data-dir", dataDir] });
    expect(again.stdout).toContain("The ledger was left alone");
    expect(started(again)).toMatchObject({ host: "desktop" });
  });

  if (process.platform !== "win32") {
    test("a signal reaches the desktop app, and how it ended is told", async () => {
      const child = spawnStart({ env: { TEST_WAITS: "1" } });
      const outcome = outcomeOf(child);
      await once(child.stdout as NodeJS.ReadableStream, "data");
      child.kill("SIGTERM");
      const { code, stdout, stderr } = await outcome;
      expect({ code, told: stdout.includes("told to end") }).toEqual({ code: 3, told: true });
      expect(stderr).toContain("the desktop app ended with 3");
    });

    test("it ends with the shell that npm runs it in", async () => {
      const script = `"${NODE}" "${join(copy, "scripts/start.mjs")}"; true`;
      const shell = spawn("sh", ["-c", script], {
        cwd: copy,
        env: environment({ env: { TEST_WAITS: "1" } }),
      });
      const outcome = outcomeOf(shell);
      await once(shell.stdout, "data");
      shell.kill("SIGTERM");
      // Its output is closed when all that it started has ended.
      expect((await outcome).stdout).toContain("told to end");
    });
  }
});

describe("without a binary", () => {
  const lack = "No desktop window on this machine (no Electron binary";

  test("its download is tried once, and then no more", async () => {
    const first = await start();
    expect(first.stdout).toContain("Downloading Electron's binary, once, for 60 s at most.");
    expect(first.stdout).toContain(`${lack}: fetch failed): starting the headless host.`);
    expect(started(first)).toMatchObject({ host: "headless", args: ["serve"] });
    const second = await start();
    expect(second.stdout).not.toContain("Downloading");
    expect(second.stdout).toContain(`${lack}: its download was tried before`);
    expect(started(second)).toMatchObject({ host: "headless" });
    await writeFile(join(electron, "package.json"), '{"version":"2.0.0"}');
    expect((await start()).stdout).toContain("Downloading");
  });

  test("what is downloaded is started", async () => {
    await install("succeeds");
    expect(started(await start())).toMatchObject({ host: "desktop" });
  });

  test("a download that takes too long is given up", async () => {
    await install("hangs");
    const began = Date.now();
    const result = await start({ env: { WAYBILL_ELECTRON_SECONDS: "1" } });
    expect(result.stdout).toContain(`${lack}: it was not here within 1 s)`);
    expect(started(result)).toMatchObject({ host: "headless" });
    expect(Date.now() - began).toBeLessThan(20_000);
  });

  test("none is tried in CI, or where that is switched off", async () => {
    for (const env of [{ CI: "true" }, { WAYBILL_ELECTRON_SECONDS: "0" }]) {
      const result = await start({ env });
      expect(result.stdout).not.toContain("Downloading");
      expect(started(result)).toMatchObject({ host: "headless" });
    }
  });

  test("--desktop tries again, also in CI, and says what to do", async () => {
    await start();
    const { code, stdout, stderr } = await start({ args: ["--desktop"], env: { CI: "true" } });
    expect(stdout).toContain("Downloading");
    expect(stderr).toContain("no Electron binary: fetch failed");
    expect(stderr).toContain("npx install-electron --no");
    expect({ code, stdout: stdout.includes('"host"') }).toEqual({ code: 1, stdout: false });
  });

  if (process.platform !== "win32") {
    test("a start that is told to end during the download leaves none behind", async () => {
      await writeFile(
        join(electron, "install.js"),
        `require("node:fs").writeFileSync(__dirname + "/pid", String(process.pid)); ${INSTALL.hangs}`,
      );
      const child = spawnStart();
      const outcome = outcomeOf(child);
      const pid = await eventually(async () => {
        const text = await readFile(join(electron, "pid"), "utf8");
        expect(text).not.toBe("");
        return Number(text);
      });
      child.kill("SIGTERM");
      expect((await outcome).code).toBe(1);
      await eventually(() => expect(() => process.kill(pid, 0)).toThrow());
    });
  }
});

if (isLinux) {
  describe("without a display", () => {
    test("the headless host is started, and nothing is downloaded", async () => {
      const result = await start({ display: false });
      expect(result.stdout).toContain(
        "No desktop window on this machine (no display): starting the headless host.",
      );
      expect(result.stdout).not.toContain("Downloading");
      expect(started(result)).toMatchObject({ host: "headless", args: ["serve"] });
    });

    test("--desktop says what to do", async () => {
      await haveBinary();
      const { code, stderr } = await start({ args: ["--desktop"], display: false });
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining("xvfb-run") });
    });
  });
}

test.each([
  [["--desktop", "--headless"], "exclude one another"],
  [["--desktop", "--port", "9000"], "does not take --port"],
  [["--desktop", "--nonsense"], "does not take --nonsense"],
  [["--desktop", "--data-dir"], "--data-dir needs a folder"],
])("%j is no usage", async (args, sentence) => {
  await haveBinary();
  const { code, stdout, stderr } = await start({ args });
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain(sentence);
});

test("an option that nobody knows is refused", async () => {
  await writeFile(
    join(copy, "dist/main/cli.js"),
    `await import(${JSON.stringify(pathToFileURL(CLI).href)});`,
  );
  const { code, stderr } = await start({ args: ["--nonsense"] });
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining("--nonsense") });
});

test("the headless host itself serves, and ends in order", async () => {
  await writeFile(
    join(copy, "dist/main/cli.js"),
    `await import(${JSON.stringify(pathToFileURL(CLI).href)});`,
  );
  const dataDir = join(copy, "data");
  const child = spawnStart({ args: ["--headless", "--port", "0", "--json", "--data-dir", dataDir] });
  const outcome = outcomeOf(child);
  let told = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    told += chunk.toString();
  });
  const { url, pid } = await eventually(() => JSON.parse(told.split("\n")[0] ?? ""));
  // In this very process.
  expect(pid).toBe(child.pid);
  expect((await fetch(`${url}/health`)).status).toBe(200);
  child.kill("SIGTERM");
  if (process.platform !== "win32") expect((await outcome).code).toBe(0);
});
