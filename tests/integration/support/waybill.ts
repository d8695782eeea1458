import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, onTestFinished } from "vitest";

const ROOT = resolve(import.meta.dirname, "../../..");
/** The built CLI, as every user runs it. */
export const CLI = resolve(ROOT, process.env.WAYBILL_DIST ?? "dist", "main/cli.js");
/** The pinned one: the tests themselves may run on another. */
export const NODE = join(ROOT, "node_modules/node/bin", process.platform === "win32" ? "node.exe" : "node");

/** What a developer's own surroundings set must not reach the tests. */
const { WAYBILL_DATA_DIR: _dir, LOG_LEVEL: _level, FORCE_COLOR: _color, ...ENVIRONMENT } = process.env;

export type Result = { code: number | null; signal: NodeJS.Signals | null; stdout: string; stderr: string };

type Cleanup = () => Promise<unknown>;
const atFileEnd: Cleanup[] = [];
afterAll(async () => {
  for (const cleanup of atFileEnd.reverse()) await cleanup();
});

/** When the test ends, or the file for what a `beforeAll` made. */
function finallyDo(cleanup: Cleanup): void {
  try {
    onTestFinished(async () => void (await cleanup()));
  } catch {
    atFileEnd.push(cleanup);
  }
}

/** A folder that is removed at the end. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "waybill-test-"));
  finallyDo(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

/** Starts a command; it is killed at the end, should it still run. */
export function spawnWaybill(args: readonly string[], options: SpawnOptions = {}): ChildProcess {
  const child = spawn(NODE, [CLI, ...args], {
    stdio: "pipe",
    // Not in the checkout, whose .env is nobody's business here.
    cwd: tmpdir(),
    ...options,
    env: { ...ENVIRONMENT, CI: "true", ...options.env },
  });
  finallyDo(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  });
  return child;
}

/** Gathers what a process says, and settles when it has ended. */
export async function outcomeOf(child: ChildProcess): Promise<Result> {
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  return { code, signal, stdout, stderr };
}

/** Runs a command to its end. */
export function runWaybill(
  args: readonly string[],
  { input, ...options }: SpawnOptions & { input?: string | Buffer } = {},
): Promise<Result> {
  const child = spawnWaybill(args, options);
  // A command that reads no input may have ended before it is written.
  child.stdin?.on("error", () => {});
  child.stdin?.end(input ?? "");
  return outcomeOf(child);
}

/** Settles when the check holds; fails after ten seconds with the last thing that went wrong. */
export async function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((done) => setTimeout(done, 50));
    }
  }
}
