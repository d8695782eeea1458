import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import type { Claim } from "./claims.ts";
import { CLI, runNode } from "./processes.ts";
import { isOld, RecordMaker } from "./records.ts";
import type { Round } from "./round.ts";
import type { Writer, WriterOptions } from "./writers.ts";

/** Logs through `waybill log --ack`, a process of its own, until it is stopped or killed. */
export function startCliWriter(
  round: Round,
  stream: string,
  { weather, shape, pauseMs }: WriterOptions,
): Writer {
  const random = round.random.fork(stream);
  const maker = new RecordMaker(stream, random, shape);
  const child = runNode(CLI, ["log", "--ack", "--data-dir", round.dataDir], {
    env: round.env,
    cwd: round.folder,
  });
  round.onEnd(() => child.kill());
  /** Sent and not yet acknowledged, in the order sent. */
  const waiting: Claim[] = [];
  let isStopped = false;
  let isKilled = false;
  let begin: () => void = () => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });

  const feed = async (): Promise<void> => {
    const { stdin } = child.process;
    while (!isStopped && stdin?.writable === true && !child.isEnded()) {
      const lines = Array.from({ length: random.int(5, 60) }, () => {
        const record = maker.make();
        if (isOld(record)) round.claims.mayBePruned.add(record.external_id);
        waiting.push(round.claims.send(stream, record));
        return JSON.stringify(record);
      });
      // Where the process has ended there is nothing to wait for, and its end is looked at below.
      if (!stdin.write(`${lines.join("\n")}\n`))
        await Promise.race([once(stdin, "drain").catch(() => {}), child.ended]);
      await pause(random.int(5, 5 + 2 * pauseMs));
    }
    stdin?.end();
  };
  const hear = async (): Promise<void> => {
    for (let line = await child.nextLine(); line !== undefined; line = await child.nextLine()) {
      // A process that was killed may leave half a line.
      if (line.length !== 36) continue;
      const claim = waiting.shift();
      if (claim === undefined || (claim.uuid !== null && claim.uuid !== line)) {
        const expected = claim?.uuid ?? "no more";
        round.problem(`${stream}: log --ack printed ${line} where ${expected} was due`);
        return;
      }
      claim.uuid = line;
      claim.state = "acknowledged";
      begin();
    }
  };
  const run = async (): Promise<void> => {
    await Promise.all([feed(), hear()]);
    const { code, signal } = await child.ended;
    if (isKilled) return;
    const isRefused = code === 1 && weather.mayRefuse;
    if (code !== 0 && !isRefused)
      round.problem(`${stream}: log --ack ended with ${signal ?? code}: ${child.stderr().trim()}`);
    if (code === 0 && waiting.length > 0)
      round.problem(`${stream}: log --ack ended with 0 and left ${waiting.length} records unacknowledged`);
  };
  const ran = run()
    .catch((error: unknown) => round.problem(`${stream}: ${String(error)}`))
    .finally(() => begin());
  return {
    begun,
    stop: () => {
      isStopped = true;
      return ran;
    },
    kill: async () => {
      isKilled = true;
      isStopped = true;
      child.process.kill("SIGKILL");
      await ran;
    },
  };
}
