import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { cpus, release, totalmem, type } from "node:os";
import { join, resolve } from "node:path";
import Database from "better-sqlite3";
import type { Bench } from "./bench.ts";
import { makeRecord } from "./data/records.ts";
import type { BuiltLedger } from "./ledgers.ts";
import { formatCount, formatMiB } from "./line.ts";

const SAMPLED = 1_000;

/** What has to be known to compare the figures with others; of the ledger only where one was used. */
export async function conditions(bench: Bench, usesLedger: boolean): Promise<[string, string][]> {
  const [cpu] = cpus();
  const ledger = usesLedger ? describeLedger(await bench.big()) : [];
  return [
    ["date", new Date().toISOString().slice(0, 10)],
    [
      "machine",
      `${cpus().length} cores, ${cpu?.model.trim()}, ${formatMiB(totalmem())} memory, ${type()} ${release()}`,
    ],
    ["file system", fileSystemOf(bench.folder)],
    ["Node", `${process.version}, V8 ${process.versions.v8}`],
    ["SQLite", `${sqliteVersion()} in Waybill and the raw loop, ${programVersion()} as the program`],
    ["durability", "`synchronous = FULL` and WAL, in Waybill, the raw loop and `sqlite3 .import`"],
    ["a record", `${meanRecordBytes(bench)} bytes as JSON on the average`],
    ...ledger,
  ];
}

function describeLedger({ dataDir, shape, story }: BuiltLedger): [string, string][] {
  const file = join(dataDir, "ledger.db");
  const database = new Database(file, { readonly: true });
  const indexes = database
    .prepare(
      "SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'message_logs' AND sql IS NOT NULL",
    )
    .pluck()
    .all();
  const tables = database.prepare("SELECT count(*) FROM sqlite_schema WHERE type = 'table'").pluck().get();
  database.close();
  const { size } = statSync(file);
  return [
    [
      "the ledger",
      `${story}; ${formatMiB(size)}, ${Math.round(size / shape.records)} bytes a record with all indexes`,
    ],
    ["indexes of `message_logs`", `${indexes.join(", ")}; ${String(tables)} tables in all`],
  ];
}

function meanRecordBytes(bench: Bench): string {
  const shape = bench.shape(SAMPLED);
  let bytes = 0;
  for (let index = 0; index < SAMPLED; index += 1)
    bytes += Buffer.byteLength(JSON.stringify(makeRecord(shape, index).record));
  return formatCount(Math.round(bytes / SAMPLED));
}

function sqliteVersion(): string {
  const database = new Database(":memory:");
  const version = database.prepare("SELECT sqlite_version()").pluck().get();
  database.close();
  return String(version);
}

function programVersion(): string {
  return execFileSync("sqlite3", ["--version"], { encoding: "utf8" }).split(" ")[0] ?? "";
}

/** The mount that is nearest above the folder. */
function fileSystemOf(folder: string): string {
  if (process.platform !== "linux") return "not told here";
  const mounts = readFileSync("/proc/mounts", "utf8")
    .trim()
    .split("\n")
    .map((line) => line.split(" "));
  const path = resolve(folder);
  const [device = "?", , type = "?", options = ""] = mounts
    .filter(([, point = ""]) => path === point || path.startsWith(point.endsWith("/") ? point : `${point}/`))
    .reduce<string[]>(
      (nearest, mount) => ((mount[1] ?? "").length >= (nearest[1] ?? "").length ? mount : nearest),
      [],
    );
  return `${type} on ${device} (${options})`;
}
