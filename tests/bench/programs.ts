import { type ChildProcess, spawn } from "node:child_process";
import { openSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { memoryOf } from "./process-memory.ts";
import { CLI } from "./product.ts";

export type Ran = { ms: number; stdout: string; peakBytes: number | null };

type RunOptions = { input?: string /** Gets its stdout, which is empty then. */; out?: string };

const LOOK_MS = 10;
const running = new Set<ChildProcess>();

/** Runs a program to its end. Rejects where it can't be started or does not end with 0. */
export async function run(
  command: string,
  args: readonly string[],
  { input, out }: RunOptions = {},
): Promise<Ran> {
  const started = performance.now();
  const child = spawn(command, args, {
    stdio: [input === undefined ? "ignore" : "pipe", out === undefined ? "pipe" : openSync(out, "w"), "pipe"],
  });
  running.add(child);
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name]?.setEncoding("utf8").on("data", (text: string) => {
      texts[name] += text;
    });
  child.stdin?.end(input);
  let hasEnded = false;
  const ended = new Promise<number | NodeJS.Signals | null>((done, fail) => {
    child.once("error", fail);
    child.once("close", (code, signal) => done(code ?? signal));
  }).finally(() => {
    hasEnded = true;
    running.delete(child);
  });
  let peakBytes: number | null = null;
  const watched = (async () => {
    // The peak only grows: what is seen last is what it was.
    while (!hasEnded) {
      peakBytes = memoryOf(child.pid ?? 0)?.peakBytes ?? peakBytes;
      await pause(LOOK_MS);
    }
  })();
  const code = await ended;
  const ms = performance.now() - started;
  await watched;
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${texts.stderr || texts.stdout}`);
  return { ms, stdout: texts.stdout, peakBytes };
}

export function runWaybill(args: readonly string[]): Promise<Ran> {
  return run(process.execPath, [CLI, ...args]);
}

/** The `sqlite3` program with a script on its input. */
export function runSqlite(file: string, script: string, out?: string): Promise<Ran> {
  return run("sqlite3", ["-batch", "-bail", file], { input: script, ...(out === undefined ? {} : { out }) });
}

/** For the end of the bench: nothing that it started outlives it. */
export function killPrograms(): void {
  for (const child of running) child.kill("SIGKILL");
}
