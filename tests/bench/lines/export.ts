import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { MESSAGE_FIELDS } from "../../../src-shared/record.ts";
import type { Bench } from "../bench.ts";
import { countLines } from "../csv-file.ts";
import type { BuiltLedger } from "../ledgers.ts";
import { formatCount, formatMiB, formatRate, type Line, perSecond } from "../line.ts";
import { forgetPeak, memoryOf } from "../process-memory.ts";
import { runSqlite, runWaybill } from "../programs.ts";

const ROUNDS = 2;
const MOST_GROWTH = 100 * 1024 ** 2;
/** Nothing matches: what the process takes for itself. */
const NOTHING = "uuid:00000000-0000-7000-8000-000000000000";

export async function exportCsv(bench: Bench): Promise<Line[]> {
  const million = await bench.million();
  const big = await bench.big();
  const lines = [await rateLine(bench, million), await memoryLine(bench, million)];
  return million === big ? lines : [...lines, await memoryLine(bench, big)];
}

/** In turns with the `sqlite3` program, which reads the same columns as they are stored, without writing times. */
async function rateLine(bench: Bench, { dataDir, shape }: BuiltLedger): Promise<Line> {
  const folder = bench.newFolder("export");
  const own = join(folder, "waybill.csv");
  const other = join(folder, "sqlite3.csv");
  const rates: number[] = [];
  const limits: number[] = [];
  let rows = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const exported = await runWaybill(["export", "--format", "csv", "--out", own, "--data-dir", dataDir]);
    const script = `.mode csv\n.headers on\nSELECT ${MESSAGE_FIELDS.join(", ")} FROM message_logs;\n`;
    const selected = await runSqlite(join(dataDir, "ledger.db"), script, other);
    // One line is the header; no text of the bench has a line break.
    rows = (await countLines(own)).lines - 1;
    rates.push(perSecond(rows, exported.ms));
    limits.push(perSecond(rows, selected.ms));
  }
  const counted = await countLines(own);
  const rate = Math.max(...rates);
  const limit = Math.max(...limits);
  const notes = [
    `\`waybill export --out\`, its start included; ${formatMiB(statSync(own).size)}, of sqlite3 ${formatMiB(statSync(other).size)}. Best of ${ROUNDS} in turns.`,
    `\`wc -l\` on the file: ${formatRate(perSecond(counted.lines, counted.ms))}.`,
  ];
  rmSync(folder, { recursive: true });
  return {
    name: `CSV export of ${formatCount(shape.records)}`,
    figure: `${formatRate(rate)} rows`,
    target: "as many as `sqlite3 -csv`",
    limit: `${formatRate(limit)} rows \`sqlite3 -csv\``,
    ratio: rate / limit,
    reached: rate >= limit,
    notes,
  };
}

async function memoryLine(bench: Bench, { dataDir, shape }: BuiltLedger): Promise<Line> {
  const args = [
    "export",
    "--format",
    "csv",
    "--data-dir",
    dataDir,
    "--out",
    join(bench.newFolder("export"), "a.csv"),
  ];
  const empty = await runWaybill([...args, "--filter", NOTHING]);
  const full = await runWaybill(args);
  const cli =
    full.peakBytes === null || empty.peakBytes === null
      ? null
      : Math.max(0, full.peakBytes - empty.peakBytes);
  const host = await bench.withHost(dataDir, "GET /export", async ({ client, pid }) => {
    await client.drain(`/export?format=csv&filter=${NOTHING}`);
    const before = memoryOf(pid);
    if (before === null || !forgetPeak(pid)) return null;
    await client.drain("/export?format=csv");
    const after = memoryOf(pid);
    return after === null ? null : Math.max(0, after.peakBytes - before.nowBytes);
  });
  const worst = cli === null || host === null ? null : Math.max(cli, host);
  const tell = (bytes: number | null): string => (bytes === null ? "not measured here" : formatMiB(bytes));
  return {
    name: `memory of the CSV export of ${formatCount(shape.records)}`,
    figure: worst === null ? "not measured here" : `grows by ${formatMiB(worst)}`,
    target: `under ${formatMiB(MOST_GROWTH)}`,
    limit: null,
    ratio: null,
    reached: worst === null ? null : worst < MOST_GROWTH,
    notes: [`Peak above an export of nothing: CLI ${tell(cli)}, host ${tell(host)}.`],
  };
}
