/** `npm run bench`: the table of what Waybill promises about speed, measured; see `options.ts`. Exit 1 where a line is not reached. */
import { existsSync, writeFileSync } from "node:fs";
import { findProgram } from "../../scripts/lib/test-tools.mjs";
import { Bench } from "./bench.ts";
import { conditions } from "./conditions.ts";
import { killHosts } from "./host.ts";
import { describeLine, type Line } from "./line.ts";
import { coldStart } from "./lines/cold-start.ts";
import { consume, killWorkers } from "./lines/consume.ts";
import { eventLoop } from "./lines/event-loop.ts";
import { exportCsv } from "./lines/export.ts";
import { forwarding } from "./lines/forwarding.ts";
import { importCsv } from "./lines/import.ts";
import { logMessage } from "./lines/log-message.ts";
import { logMessages } from "./lines/log-messages.ts";
import { pages } from "./lines/pages.ts";
import { postMessages } from "./lines/post-messages.ts";
import { statistics } from "./lines/statistics.ts";
import { PARTS, type Part, readOptions } from "./options.ts";
import { CLI } from "./product.ts";
import { killPrograms } from "./programs.ts";
import { toMarkdown } from "./report.ts";
import { killTasks } from "./task.ts";

const MEASURE: Record<Part, (bench: Bench) => Promise<Line[]>> = {
  "log-messages": logMessages,
  "log-message": logMessage,
  "post-messages": postMessages,
  statistics,
  pages,
  export: exportCsv,
  import: importCsv,
  "cold-start": coldStart,
  forwarding,
  consume,
};
const NEEDS_LEDGER: readonly Part[] = ["statistics", "pages", "export", "import", "cold-start"];

const options = readOptions(process.argv.slice(2));
if (!existsSync(CLI)) throw new Error(`There is no built host at ${CLI}: run \`npm run build\` first.`);
if (findProgram("sqlite3") === undefined)
  throw new Error("The bench compares with the sqlite3 program: install it first.");
const bench = new Bench(options);
const lines: Line[] = [];

process.on("exit", cleanUp);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(130));

for (const part of PARTS.filter((each) => options.parts.includes(each))) tell(await measure(part));
tell(eventLoop(bench));

const usesLedger = NEEDS_LEDGER.some((part) => options.parts.includes(part));
const report = { conditions: await conditions(bench, usesLedger), lines };
console.log(`\n${toMarkdown(report)}`);
if (options.json !== null) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
process.exitCode = lines.some(({ reached }) => reached === false) ? 1 : 0;

/** A part that breaks is a line that is not reached; what took hours before it is not lost. */
async function measure(part: Part): Promise<Line[]> {
  try {
    return await MEASURE[part](bench);
  } catch (error) {
    console.error(error);
    const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
    return [
      {
        name: part,
        figure: `failed: ${reason}`,
        target: "",
        limit: null,
        ratio: null,
        reached: false,
        notes: [],
      },
    ];
  }
}

function tell(measured: readonly Line[]): void {
  for (const line of measured) {
    lines.push(line);
    console.log(describeLine(line));
  }
}

/** Nothing that it started outlives it, and of the ledgers only those that `--keep` asks for. */
function cleanUp(): void {
  killHosts();
  killTasks();
  killPrograms();
  killWorkers();
  bench.cleanUp();
}
