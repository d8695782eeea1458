import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { cleanUp } from "./ledger.ts";

export type Child = {
  process: ChildProcess;
  /** What it printed so far, line by line. */
  lines: string[];
  /** Settles with the next line that passes; rejects when the child ends without one. */
  line: (test: (line: string) => boolean) => Promise<string>;
  send: (text: string) => void;
  /** The exit code, or the signal that ended it. */
  ended: Promise<number | string>;
};

/** Runs a script of this folder as a process of its own, ended after the test at the latest. */
export function startChild(script: string, args: readonly string[]): Child {
  const child = spawn(process.execPath, [join(import.meta.dirname, script), ...args], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, NODE_OPTIONS: "" },
  });
  const ended = once(child, "exit").then(([code, signal]) => (code ?? signal) as number | string);
  cleanUp(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  const lines: string[] = [];
  const waiting = new Set<(line: string) => void>();
  createInterface({ input: child.stdout }).on("line", (line) => {
    lines.push(line);
    for (const hear of waiting) hear(line);
  });
  const line = (test: (line: string) => boolean): Promise<string> =>
    new Promise((resolve, reject) => {
      const known = lines.find(test);
      if (known !== undefined) return resolve(known);
      const hear = (heard: string): void => {
        if (!test(heard)) return;
        waiting.delete(hear);
        resolve(heard);
      };
      waiting.add(hear);
      ended.then((code) => reject(new Error(`${script} ended with ${code} before it said so`)), reject);
    });
  return {
    process: child,
    lines,
    line,
    send: (text) => {
      child.stdin.write(`${text}\n`);
    },
    ended,
  };
}
