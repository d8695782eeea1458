import type { Command } from "commander";
import type { DeadLetter } from "../../../src-shared/contract/dead.ts";
import { WaybillError } from "../../../src-shared/errors.ts";
import { plural } from "../../../src-shared/plural.ts";
import { consumeConfig } from "../../consume/consume-config.ts";
import type { DeadQueue } from "../../consume/dead-queue.ts";
import { act, addDataDir, type CommonOptions, wholeNumber } from "../command.ts";
import { EXIT_FAILED, EXIT_OK, readArgument, UsageError } from "../failures.ts";
import { tell, write, writeJson, writeLine } from "../output.ts";
import { formatCount, formatMoment, formatPairs, formatTable, printable } from "../table.ts";
import { brokerOptions } from "./consume.ts";

type DeadOptions = CommonOptions & { queue?: string; limit: number; all?: boolean };

const MAX_LISTED = 10_000;

export function deadCommand(program: Command): void {
  const dead = program
    .command("dead")
    .description("messages that `waybill consume` could not store, by their queue");
  addList(dead);
  addShow(dead);
  addSettling(dead, "retry", "put dead messages back into the queue that they came from");
  addSettling(dead, "drop", "delete dead messages for good");
}

function addList(dead: Command): void {
  const command = subcommand(dead, "list", "the oldest of them, and why they died")
    .option("--limit <n>", "how many at most", wholeNumber(1, MAX_LISTED), 50)
    .option("--json", "print {total, letters}");
  act<DeadOptions>(command, async ({ queue, limit, json }, dataDir) => {
    const found = await inQueue(dataDir, queue, (letters) => letters.list(limit));
    if (json === true) await writeJson(found);
    else await write(describe(found));
    return EXIT_OK;
  });
}

function addShow(dead: Command): void {
  const command = subcommand(dead, "show", "one of them, with its body")
    .argument("<id>", "its ID in the list")
    .option("--json", "print it with its body as text");
  act<DeadOptions>(command, async ({ queue, json }, dataDir, id = "") => {
    const found = await inQueue(dataDir, queue, (letters) => letters.find(id));
    if (found === null) throw new WaybillError("not_found", `There is no dead message ${id} in that queue.`);
    if (json === true) await writeJson(found);
    else {
      const { body, is_cut, ...letter } = found;
      await write(formatPairs(Object.entries(letter).map(([name, value]) => [name, String(value ?? "–")])));
      // To a program as it is; a terminal would obey what is in it.
      await writeLine(`\n${process.stdout.isTTY ? printable(body) : body}`);
      if (is_cut) tell("waybill: that is how the body begins; there is more of it.");
    }
    return EXIT_OK;
  });
}

function addSettling(dead: Command, name: "retry" | "drop", description: string): void {
  const command = subcommand(dead, name, description)
    .argument("[ids...]", "their IDs in the list")
    .option("--all", "all of the queue")
    .option("--json", `print {${name === "retry" ? "retried" : "dropped"}}`);
  act<DeadOptions>(command, async ({ queue, all, json }, dataDir) => {
    const ids = new Set(command.args);
    if ((ids.size === 0) !== (all === true)) throw new UsageError("name the IDs of some, or say --all.");
    const settled = await inQueue(dataDir, queue, (letters) => letters[name](all === true ? null : ids));
    const done = name === "retry" ? "retried" : "dropped";
    if (json === true) await writeJson({ [done]: settled });
    else await writeLine(`${plural(settled, "dead message")} ${done}.`);
    if (all === true || settled === ids.size) return EXIT_OK;
    tell(`waybill: ${plural(ids.size - settled, "ID")} of those are not among the dead of that queue.`);
    return EXIT_FAILED;
  });
}

function subcommand(dead: Command, name: string, description: string): Command {
  return addDataDir(dead.command(name))
    .description(description)
    .option("--queue <name>", "the queue that they came from (default: message_storage)");
}

async function inQueue<T>(
  dataDir: string,
  queue: string | undefined,
  work: (letters: DeadQueue) => Promise<T>,
): Promise<T> {
  const broker = await brokerOptions(dataDir);
  const flags = queue === undefined ? {} : { queue: [queue.replace(/\.dead$/, "")] };
  const { queues } = readArgument(() => consumeConfig(process.env, flags));
  const { DeadQueue } = await import("../../consume/dead-queue.ts");
  return work(readArgument(() => new DeadQueue(broker, queues[0] ?? "")));
}

function describe({ total, letters }: { total: number; letters: readonly DeadLetter[] }): string {
  if (total === 0) return "No message of that queue is dead.\n";
  const table = formatTable(
    letters,
    [
      { title: "ID", text: ({ id }) => id ?? "–" },
      {
        title: "DIED",
        text: ({ last_death_ts }) => (last_death_ts === null ? "–" : formatMoment(last_death_ts)),
      },
      { title: "TIMES", text: ({ count }) => formatCount(count), align: "right" },
      { title: "BYTES", text: ({ bytes }) => formatCount(bytes), align: "right" },
      { title: "REASON", text: ({ reason }) => reason ?? "–", fills: true },
    ],
    process.stdout.columns,
  );
  const more = total - letters.length;
  return more > 0 ? `${table}${formatCount(more)} more.\n` : table;
}
