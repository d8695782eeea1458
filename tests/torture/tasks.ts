import { existsSync } from "node:fs";
import { join } from "node:path";
import { countMessages } from "./ledger-file.ts";
import { type Output, runWaybill } from "./processes.ts";
import type { Round } from "./round.ts";

const PRUNE_DAYS = "200";

export type Task = { name: "vacuum" | "backup" | "export" | "prune" };

/** What an operator runs beside the writers. */
export const TASKS: readonly Task[] = [
  { name: "vacuum" },
  { name: "backup" },
  { name: "export" },
  { name: "prune" },
];

export type RunningTask = {
  /** Settles with how it ended; what it said it made is checked by then. */
  ended: () => Promise<Output>;
};

/** Starts a command of the CLI on the round's ledger; it ends with 0 or 1 whatever happens. */
export function startTask(round: Round, task: Task, outFolder = round.folder): RunningTask {
  const out = join(outFolder, task.name === "backup" ? "out.db" : "out.ndjson");
  const args = {
    vacuum: ["vacuum"],
    backup: ["backup", "--out", out],
    export: ["export", "--format", "ndjson", "--out", out],
    prune: ["prune", "--days", PRUNE_DAYS],
  }[task.name];
  const running = runWaybill([...args, "--data-dir", round.dataDir], round.env);
  return {
    ended: async () => {
      const output = await running;
      checkTask(round, task, out, output);
      return output;
    },
  };
}

function checkTask(round: Round, { name }: Task, out: string, { code, signal, stderr }: Output): void {
  if (code !== 0 && code !== 1) round.problem(`${name} ended with ${signal ?? code}: ${stderr.trim()}`);
  if (code === 1 && stderr.trim() === "") round.problem(`${name} failed and did not say why`);
  if (name !== "backup" && name !== "export") return;
  if (code === 0 && !existsSync(out)) round.problem(`${name} said it wrote ${out}, which is not there`);
  if (code === 1 && existsSync(out)) round.problem(`${name} failed and left ${out}`);
  if (code === 0 && name === "backup") countMessages(out);
}
