import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import type { Health } from "../../../src-shared/contract/upkeep.ts";
import type { JobTask } from "../../api/jobs.ts";
import { formatBytes, maintenanceTasks } from "../../api/maintenance.ts";
import { retentionPolicy } from "../../api/retention.ts";
import { SettingsFile } from "../../api/settings-file.ts";
import type { MessageLogger } from "../../ledger/message-logger.ts";
import { keepDays, type RetentionPolicy } from "../../ledger/retention-plan.ts";
import { act, addDataDir, type CommonOptions, MAX_DAYS, wholeNumber, withLedger } from "../command.ts";
import { EXIT_FAILED, EXIT_OK, UsageError } from "../failures.ts";
import { tell, write, writeJson, writeLine } from "../output.ts";
import { runShown } from "../run-shown.ts";
import { formatCount, formatMoment, formatPairs, printable } from "../table.ts";

export function healthCommand(program: Command): void {
  const command = addDataDir(program.command("health"))
    .description("how Waybill is: exit 0 when all is well, 1 when not")
    .option("--deep", "run the full integrity check first")
    .option("--json", "print everything");
  act<CommonOptions & { deep?: boolean }>(command, ({ deep, json }, dataDir) =>
    withLedger(dataDir, async (ledger) => {
      const health = await runShown((progress) =>
        ledger.getDatabaseHealth({ deep: deep === true, ...progress }),
      );
      if (json === true) await writeJson(health);
      else await write(describeHealth(health));
      return health.status === "ok" ? EXIT_OK : EXIT_FAILED;
    }),
  );
}

function describeHealth({
  status,
  checks,
  database,
  data_dir,
  last_backup_ts,
  last_check_ts,
}: Health): string {
  const moment = (time: string | null) => (time === null ? "never" : `${formatMoment(time)} UTC`);
  const facts = formatPairs([
    ["Status", status],
    ["Data directory", data_dir],
    ["Database", `${formatBytes(database.size_bytes)}, SQLite ${database.sqlite_version}`],
    ["Messages", formatCount(database.tables.message_logs ?? 0)],
    ["Last full check", moment(last_check_ts)],
    ["Last backup", moment(last_backup_ts)],
  ]);
  const states = formatPairs(
    Object.entries(checks).map(([name, { state, message }]) => [`${name} ${state}`, message]),
  );
  return `${facts}\n${states}`;
}

export function backupCommand(program: Command): void {
  const command = addDataDir(program.command("backup"))
    .description("make a verified backup while the ledger is in use")
    .option("--out <file>", "where to (default: a new file in the data directory's backups/)")
    .option("--json", "print {file, size_bytes}");
  act<CommonOptions & { out?: string }>(command, ({ out, json }, dataDir) =>
    withLedger(dataDir, async (ledger) => {
      const target = out === undefined ? {} : { out: resolve(out) };
      const backup = await runShown((progress) => ledger.backupDatabase({ ...target, ...progress }));
      if (json === true) await writeJson(backup);
      else await writeLine(`Backed up and verified: ${backup.file}, ${formatBytes(backup.size_bytes)}.`);
      return EXIT_OK;
    }),
  );
}

export function restoreCommand(program: Command): void {
  const command = addDataDir(program.command("restore <file>")).description(
    "put a backup in the ledger's place; the ledger as it was is kept",
  );
  act<CommonOptions>(command, (_options, dataDir, file = "") => {
    const path = findBackup(dataDir, file);
    return runTask(dataDir, (tasks) => tasks.restore(path));
  });
}

/** A path, or the name of one of the data directory's backups. */
function findBackup(dataDir: string, file: string): string {
  const candidates = [resolve(file), join(dataDir, "backups", file)];
  const found = candidates.find((candidate) => existsSync(candidate));
  if (found === undefined)
    throw new UsageError(`there is no file ${candidates[0]}. Name a backup to restore.`);
  return found;
}

export function repairCommand(program: Command): void {
  const command = addDataDir(program.command("repair")).description(
    "check the ledger and mend it; a damaged file is kept in quarantine/",
  );
  act<CommonOptions>(command, (_options, dataDir) => runTask(dataDir, (tasks) => tasks.repair()));
}

export function vacuumCommand(program: Command): void {
  const command = addDataDir(program.command("vacuum")).description(
    "give the database's free space back to the disk",
  );
  act<CommonOptions>(command, (_options, dataDir) => runTask(dataDir, (tasks) => tasks.vacuum()));
}

type PruneOptions = CommonOptions & { days?: number; dryRun?: boolean; unsent?: boolean };

export function pruneCommand(program: Command): void {
  const command = addDataDir(program.command("prune"))
    .description("delete what the settings do not keep, or messages older than so many days")
    .option("--days <n>", "how many days to keep, instead of the settings", wholeNumber(1, MAX_DAYS))
    .option("--unsent", "also what a sink has not had yet, which is kept otherwise")
    .option("--dry-run", "print what would go and delete nothing");
  act<PruneOptions>(command, async ({ days, dryRun, unsent }, dataDir) => {
    const configured = days === undefined ? await configuredPolicy(dataDir) : keepDays(days);
    const policy =
      configured === null || unsent !== true ? configured : { ...configured, delete_unsent: true };
    if (policy === null) {
      throw new UsageError(
        "the settings keep everything, so nothing was deleted. Name the days to keep with --days, or set rules: waybill config set retention",
      );
    }
    if (dryRun === true) return showPlan(dataDir, policy);
    return runTask(dataDir, (tasks) =>
      days === undefined ? tasks.retain(policy) : tasks.prune(days, unsent),
    );
  });
}

function configuredPolicy(dataDir: string): Promise<RetentionPolicy | null> {
  return new SettingsFile(dataDir, tell).get().then(retentionPolicy);
}

function showPlan(dataDir: string, policy: RetentionPolicy): Promise<number> {
  return withLedger(dataDir, async (ledger) => {
    const planned = await runShown((shown) => ledger.planRetention(policy, shown));
    for (const { cut, messages } of planned)
      await writeLine(`${formatCount(messages)} messages would go. ${printable(cut.reason)}`);
    if (policy.system_log_days !== null)
      await writeLine(`System logs older than ${formatCount(policy.system_log_days)} days would go.`);
    return EXIT_OK;
  });
}

export function demoCommand(program: Command): void {
  const command = addDataDir(program.command("demo")).description("fill an empty ledger with the sample");
  act<CommonOptions>(command, (_options, dataDir) => runTask(dataDir, (tasks) => tasks.demo()));
}

function runTask(
  dataDir: string,
  choose: (tasks: ReturnType<typeof maintenanceTasks>) => JobTask,
): Promise<number> {
  return withLedger(dataDir, async (ledger: MessageLogger) => {
    const task = choose(maintenanceTasks(ledger));
    const { message } = await runShown((shown) => task.run({ jobId: task.kind, ...shown }));
    await writeLine(message);
    return EXIT_OK;
  });
}
