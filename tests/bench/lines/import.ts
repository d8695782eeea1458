import { createReadStream, statSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { MESSAGE_FIELDS } from "../../../src-shared/record.ts";
import type { Bench } from "../bench.ts";
import { countLines, csvFile } from "../csv-file.ts";
import type { Host } from "../host.ts";
import { formatCount, formatMiB, formatRate, type Line, perSecond } from "../line.ts";
import { runSqlite, runWaybill } from "../programs.ts";
import { runTask } from "../task.ts";
import type { ImportFileTask } from "../tasks/import-file.ts";

const LEAST_RATE = 60_000;
const ASK_MS = 50;

/** The same file by the CLI, in process, through the host, and by the `sqlite3` program. */
export async function importCsv(bench: Bench): Promise<Line[]> {
  const file = await csvFile(bench);
  const counted = await countLines(file);
  const rows = counted.lines - 1;
  const dataDir = (): string => join(bench.newFolder("import"), "data");

  const cli = await runWaybill(["import", file, "--data-dir", dataDir(), "--json"]);
  assertAll((JSON.parse(cli.stdout) as { accepted: number }).accepted, rows);
  const task = await runTask<ImportFileTask>("import-file.ts", { dataDir: dataDir(), file });
  assertAll(task.accepted, rows);
  const hostMs = await bench.withHost(dataDir(), "import", (host) => importThrough(host, file));
  const bare = join(bench.newFolder("import"), "bare.db");
  const columns = MESSAGE_FIELDS.map((name) => `${name} TEXT`).join(", ");
  const sqlite = await runSqlite(
    bare,
    `PRAGMA journal_mode = WAL;\nPRAGMA synchronous = FULL;\nCREATE TABLE bare (${columns});\n.import --csv --skip 1 '${file}' bare\n`,
  );

  const rate = perSecond(rows, cli.ms);
  const limit = perSecond(rows, sqlite.ms);
  return [
    {
      name: `CSV import of ${formatCount(rows)}`,
      figure: `${formatRate(rate)} rows`,
      target: `${formatCount(LEAST_RATE)} rows/s`,
      limit: `${formatRate(limit)} rows \`sqlite3 .import\``,
      ratio: rate / limit,
      reached: rate >= LEAST_RATE,
      notes: [
        `\`waybill import\` of ${formatMiB(statSync(file).size)}, its start included; sqlite3 into a bare table.`,
        `In process ${formatRate(perSecond(rows, task.ms))}; through the host, upload included, ${formatRate(perSecond(rows, hostMs))}.`,
        `\`wc -l\` on the file: ${formatRate(perSecond(counted.lines, counted.ms))}.`,
      ],
    },
  ];
}

function assertAll(accepted: number, rows: number): void {
  if (accepted !== rows) throw new Error(`${accepted} of ${rows} rows were imported`);
}

/** As the UI does it: brings the file and follows the job. */
async function importThrough(host: Host, file: string): Promise<number> {
  const started = performance.now();
  const jobId = await upload(host, file);
  for (;;) {
    const { value } = await host.call("jobs.list", {});
    const job = value.jobs.find(({ job_id }) => job_id === jobId);
    if (job?.state === "done") return performance.now() - started;
    if (job?.state !== "running") throw new Error(`The import ended as ${job?.state}: ${job?.message}`);
    await pause(ASK_MS);
  }
}

function upload({ url, token }: Host, file: string): Promise<string> {
  return new Promise((done, fail) => {
    const headers = {
      authorization: `Bearer ${token}`,
      "content-type": "application/octet-stream",
      "content-length": statSync(file).size,
    };
    const sent = request(
      `${url}/api/import?format=csv&name=bench.csv`,
      { method: "POST", headers },
      (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => {
          text += chunk;
        });
        response.on("error", fail);
        response.on("end", () => {
          if (response.statusCode !== 200) return fail(new Error(`The import was refused: ${text}`));
          done((JSON.parse(text) as { value: { job_id: string } }).value.job_id);
        });
      },
    );
    sent.on("error", fail);
    createReadStream(file).on("error", fail).pipe(sent);
  });
}
