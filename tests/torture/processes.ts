import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { createInterface } from "node:readline";

const ROOT = resolve(import.meta.dirname, "../..");
/** The built CLI, as every user runs it. */
export const CLI = resolve(ROOT, process.env.WAYBILL_DIST ?? "dist", "main/cli.js");

const running = new Set<ChildProcess>();

export type Ended = { code: number | null; signal: NodeJS.Signals | null };

export type Child = {
  process: ChildProcess;
  pid: number;
  ended: Promise<Ended>;
  isEnded: () => boolean;
  /** All that it wrote to stderr so far. */
  stderr: () => string;
  /** Settles with its next line on stdout, or undefined when there will be none. */
  nextLine: () => Promise<string | undefined>;
  kill: () => Promise<Ended>;
};

/** Starts a program that is killed when the harness ends, whatever happens. */
export function startProgram(command: string, args: readonly string[], options: SpawnOptions): Child {
  const child = spawn(command, args, { ...options, stdio: "pipe" });
  running.add(child);
  const ended = once(child, "close").then(([code, signal]): Ended => {
    running.delete(child);
    return { code: code as Ended["code"], signal: signal as Ended["signal"] };
  });
  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  // A process that was killed takes no more input, which is what the round is about.
  child.stdin?.on("error", () => {});
  if (child.stdout === null || child.pid === undefined) throw new Error(`${command} could not be started`);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    process: child,
    pid: child.pid,
    ended,
    isEnded: () => child.exitCode !== null || child.signalCode !== null,
    stderr: () => stderr,
    nextLine: async () => {
      const { value, done } = await lines.next();
      return done === true ? undefined : value;
    },
    kill: () => {
      child.kill("SIGKILL");
      return ended;
    },
  };
}

/** For the harness's own end: nothing that it started outlives it. */
export function killAll(): void {
  for (const child of running) child.kill("SIGKILL");
}

export function runNode(script: string, args: readonly string[], options: SpawnOptions): Child {
  return startProgram(process.execPath, [script, ...args], options);
}

export type Output = Ended & { stdout: string; stderr: string; ms: number };

/** Runs a command of the built CLI to its end. */
export async function runWaybill(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  input?: string,
): Promise<Output> {
  const started = performance.now();
  const child = runNode(CLI, args, { env, cwd: env.TMPDIR });
  child.process.stdin?.end(input);
  const lines: string[] = [];
  for (let line = await child.nextLine(); line !== undefined; line = await child.nextLine()) lines.push(line);
  const ended = await child.ended;
  return { ...ended, stdout: lines.join("\n"), stderr: child.stderr(), ms: performance.now() - started };
}
