import { extname, resolve } from "node:path";
import { type Command, Option } from "commander";
import { EXPORT_FORMATS, type ExportFormat, exportInputSchema } from "../../../src-shared/contract/upkeep.ts";
import { requireTime } from "../../../src-shared/time.ts";
import { importSummary } from "../../api/import-job.ts";
import { formatBytes } from "../../api/maintenance.ts";
import type { MessageLogger } from "../../ledger/message-logger.ts";
import { type ColumnMap, parseMap } from "../../transfer/column-map.ts";
import {
  act,
  addDataDir,
  type CommonOptions,
  type ExitCode,
  positiveNumber,
  untilStopped,
  withLedger,
} from "../command.ts";
import { EXIT_FAILED, EXIT_OK, readArgument, UsageError } from "../failures.ts";
import { ProgressLine, tell, write, writeJson, writeLine } from "../output.ts";
import { formatCount } from "../table.ts";

type ImportOptions = CommonOptions & { format?: ExportFormat; map?: ColumnMap; channel?: string };
type ExportOptions = CommonOptions & {
  format?: ExportFormat;
  days?: number;
  from?: string;
  to?: string;
  filter: string;
  out?: string;
};

const formatOption = (description: string): Option =>
  new Option("--format <format>", description).choices([...EXPORT_FORMATS]);

export function importCommand(program: Command): void {
  const command = addDataDir(program.command("import <file>"))
    .description("import records from a file; rows that can't be taken go to FILE.rejects.csv")
    .addOption(formatOption("what the file is (default: by its name and content)"))
    .option(
      "--map <map>",
      "which column fills which field, such as text=content_preview,category=topic",
      (text: string) => readArgument(() => parseMap(text)),
    )
    .option("--channel <channel>", "the channel of records that name none")
    .option("--json", "print the result");
  act<ImportOptions>(command, (options, dataDir, file = "") =>
    withLedger(dataDir, (ledger) => importFile(ledger, resolve(file), options)),
  );
}

async function importFile(
  ledger: MessageLogger,
  file: string,
  { format, map, channel, json }: ImportOptions,
): Promise<ExitCode> {
  const progress = new ProgressLine();
  const stop = untilStopped();
  try {
    const result = await ledger.importData(file, {
      ...(format === undefined ? {} : { format }),
      ...(map === undefined ? {} : { map }),
      ...(channel === undefined ? {} : { channel }),
      signal: stop.signal,
      onProgress: (done, total) => {
        const share = total ? ` of ${formatBytes(total)}, ${Math.floor((100 * done) / total)} %` : "";
        progress.update(`${formatBytes(done)}${share}`);
      },
    });
    progress.end();
    if (json === true) await writeJson(result);
    else await writeLine(importSummary(result));
    if (result.rejects_file !== null)
      tell(`The rejected rows are in ${result.rejects_file}, each with its reason.`);
    return result.rejected > 0 ? EXIT_FAILED : EXIT_OK;
  } finally {
    progress.end();
    stop.done();
  }
}

export function exportCommand(program: Command): void {
  const command = addDataDir(program.command("export"))
    .description("write the messages of a period or a filter to stdout or a file")
    .addOption(formatOption("how to write them (default: by the name of --out, else csv)"))
    .option("--days <n>", "only of the last so many days", positiveNumber)
    .option("--from <time>", "only from this time on, such as 2026-01-31T09:30:00Z")
    .option("--to <time>", "only before this time")
    .option("--filter <query>", "only what matches the query language", "")
    .option("--out <file>", "write to this file instead of stdout")
    .option("--json", "print what was written where, with --out");
  act<ExportOptions>(command, (options, dataDir) =>
    withLedger(dataDir, (ledger) => exportMessages(ledger, options)),
  );
}

async function exportMessages(ledger: MessageLogger, options: ExportOptions): Promise<ExitCode> {
  const { days, from, to, filter, out, json } = options;
  if (from !== undefined) readArgument(() => requireTime(from, "--from"));
  if (to !== undefined) readArgument(() => requireTime(to, "--to"));
  if (options.format === undefined && /\.html?$/i.test(out ?? "")) {
    throw new UsageError("messages are not written as HTML; the report is: waybill stats --html FILE");
  }
  const format = options.format ?? formatOfName(out) ?? "csv";
  const input = exportInputSchema.parse({ format, filter, days, from, to });
  if (out === undefined) {
    for await (const { text } of ledger.exportChunks(input)) await write(text);
    return EXIT_OK;
  }
  const progress = new ProgressLine();
  const stop = untilStopped();
  try {
    const { rows, file } = await ledger.exportData({
      ...input,
      out: resolve(out),
      signal: stop.signal,
      onProgress: (done) => progress.update(`${formatCount(done)} rows`),
    });
    progress.end();
    if (json === true) await writeJson({ rows, file });
    else tell(`${formatCount(rows)} rows were written to ${file}.`);
    return EXIT_OK;
  } finally {
    progress.end();
    stop.done();
  }
}

function formatOfName(file: string | undefined): ExportFormat | undefined {
  const extension = extname(file ?? "")
    .slice(1)
    .toLowerCase();
  return (
    EXPORT_FORMATS.find((format) => format === extension) ?? (extension === "jsonl" ? "ndjson" : undefined)
  );
}
