import { statSync } from "node:fs";
import type { Health, HealthCheck } from "../../src-shared/contract/upkeep.ts";
import { formatTime, HOUR_MS } from "../../src-shared/time.ts";
import type { LedgerPaths } from "./data-dir.ts";
import { type DiskRoom, roomOf } from "./disk-room.ts";
import type { DatabaseFacts } from "./reader/facts.ts";
import { checkSinks, sinkConservation } from "./sync-health.ts";
import { VERSION } from "./version.ts";
import type { WriterState } from "./writer/writer.ts";

const MIB = 1024 * 1024;
/** Below it the operator should act; below the reserve records are refused. */
const LOW_DISK_BYTES = 500 * MIB;
const LOW_DISK_SHARE = 1 / 4;
const LARGE_WAL_BYTES = 256 * MIB;
const LONG_INDEX_LAG = 200_000;
/** A backup is late after so many intervals. */
const BACKUP_PATIENCE = 2;

function fileSize(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

export function check(
  state: HealthCheck["state"],
  message: string,
  value: number | null = null,
  unit: HealthCheck["unit"] = null,
): HealthCheck {
  return { state, message, value, unit };
}

/** Whether the database takes records, from the writer's view. */
export function checkDatabase({ trouble, refusal, isIncomplete }: WriterState): HealthCheck {
  if (refusal !== null) return check("failing", `Records are refused. ${refusal}`);
  if (trouble?.kind === "newer") return check("failing", trouble.message);
  if (trouble !== null) return check("warning", trouble.message, Date.now() - trouble.since, "milliseconds");
  if (isIncomplete) {
    return check("warning", "The records of a damaged database are brought back; until then not all show.");
  }
  return check("ok", "The database takes records.");
}

function checkSpool({ spooled, spoolBytes, trouble }: WriterState): HealthCheck {
  if (spooled === 0 && trouble === null) return check("ok", "Nothing waits in the spool.", 0, "records");
  if (spooled === 0)
    return check("warning", "New records go to the spool until the database takes them.", 0, "records");
  const sizes = `${spooled} accepted records (${Math.ceil(spoolBytes / 1024)} KiB) wait in the spool`;
  return check(
    "warning",
    `${sizes} and go into the database by themselves as soon as it takes them.`,
    spooled,
    "records",
  );
}

function checkDisk(disk: DiskRoom | null, trouble: WriterState["trouble"]): HealthCheck {
  if (disk === null)
    return check("warning", "The free space of the disk can't be read; check that the data folder is there.");
  const { free_bytes: free, reserved_bytes } = disk;
  const kept = `${Math.ceil(reserved_bytes / MIB)} MiB`;
  if (free < reserved_bytes || trouble?.kind === "full") {
    const message = `The disk is full: its last ${kept} are kept for deleting and closing, and new records are refused. Free some space, or delete old records: waybill prune.`;
    return check("failing", message, free, "bytes");
  }
  if (free < Math.min(LOW_DISK_BYTES, disk.total_bytes * LOW_DISK_SHARE)) {
    const message = `The disk is nearly full: below ${kept} new records are refused. Free some space soon.`;
    return check("warning", message, free, "bytes");
  }
  return check("ok", "There is enough free disk space.", free, "bytes");
}

function checkWal(bytes: number): HealthCheck {
  if (bytes < LARGE_WAL_BYTES) return check("ok", "The write-ahead log is of a normal size.", bytes, "bytes");
  return check(
    "warning",
    "The write-ahead log is large: an export, a check or another program reads for long. It shrinks by itself after that; close what stays.",
    bytes,
    "bytes",
  );
}

function checkIntegrity(meta: DatabaseFacts["meta"]): HealthCheck {
  const age = ageOf(meta.last_check_ts);
  if (meta.last_check_ok === "0")
    return check(
      "failing",
      "The last full check found damage. Run a repair; the damaged file will be kept.",
      ...age,
    );
  if (meta.last_check_ok === undefined)
    return check(
      "ok",
      "The full integrity check has not been run yet. Run one now and then, as before an upgrade.",
    );
  return check("ok", "The last full check found nothing wrong. Run one now and then.", ...age);
}

/** Backups by hand count as well; late is only what a schedule asked for. */
function checkBackup({
  last_backup_ts,
  last_backup_error,
  backup_every_hours,
}: DatabaseFacts["meta"]): HealthCheck {
  const age = ageOf(last_backup_ts);
  const [ms] = age;
  const every = Number(backup_every_hours || Number.NaN);
  if (!Number.isNaN(every)) {
    if (last_backup_error)
      return check(
        "warning",
        `The last backup was not made: ${last_backup_error} It is tried again every hour.`,
        ...age,
      );
    if (ms === null) return check("ok", "The first backup of the schedule is made within minutes.");
    if (ms > BACKUP_PATIENCE * every * HOUR_MS)
      return check(
        "warning",
        "The last verified backup is old. Leave Waybill running, or make one now.",
        ...age,
      );
    return check("ok", `A verified backup is there; one is made every ${every} hours.`, ...age);
  }
  return ms === null
    ? check(
        "ok",
        "There is no backup yet. Make one before you need it, or turn on the schedule in the settings.",
      )
    : check(
        "ok",
        "A verified backup is there. Newer records are not in it: make another, or turn on the schedule.",
        ...age,
      );
}

function checkRetention({ last_retention_ts, last_retention_error }: DatabaseFacts["meta"]): HealthCheck {
  const age = ageOf(last_retention_ts);
  if (last_retention_error)
    return check(
      "warning",
      `The last run of retention failed: ${last_retention_error} It runs again within a day.`,
      ...age,
    );
  return last_retention_ts === undefined
    ? check("ok", "Retention has not run: everything is kept until the settings say otherwise.")
    : check("ok", "Retention deleted what the settings do not keep.", ...age);
}

/** How long ago in milliseconds, as a check's value. */
function ageOf(ts: string | undefined): [value: number | null, unit: "milliseconds"] {
  return [ts === undefined ? null : Math.max(0, Date.now() - Number(ts)), "milliseconds"];
}

function checkSearchIndex(lag: number): HealthCheck {
  if (lag < LONG_INDEX_LAG) return check("ok", "Every record is searchable.", lag, "records");
  return check(
    "ok",
    "Every record is searchable; the newest still slowly, while the index catches up.",
    lag,
    "records",
  );
}

function checkChain({ chain, meta }: Pick<DatabaseFacts, "chain" | "meta">): HealthCheck {
  const groups = chain?.group ?? 0;
  if (meta.last_chain_broken) {
    const { message } = brokenGroup(meta.last_chain_broken);
    return check(
      "failing",
      `The chain of records does not hold: ${message}. Compare with a backup: someone or something altered the ledger.`,
      groups,
      "groups",
    );
  }
  if (meta.last_chain_ts === undefined)
    return check(
      "ok",
      "The chain of records has not been read through yet. A full check does it.",
      groups,
      "groups",
    );
  return check(
    "ok",
    "No record was altered since it was accepted, as of the last full check.",
    groups,
    "groups",
  );
}

function brokenGroup(text: string): { group: number; message: string } {
  return JSON.parse(text) as { group: number; message: string };
}

function describeChain(facts: Pick<DatabaseFacts, "chain" | "meta">): Health["chain"] {
  const { chain, meta } = facts;
  const broken = meta.last_chain_broken ? brokenGroup(meta.last_chain_broken) : null;
  const verified = meta.last_chain_ts === undefined ? "unverified" : "intact";
  return {
    state: broken === null ? verified : "broken",
    groups: chain?.group ?? 0,
    head: chain === null ? null : { group: chain.group, sha256: chain.sha256, ts: formatTime(chain.ts) },
    first_broken: broken,
    verified_ts: metaTime(meta.last_chain_ts),
  };
}

/** Null where the database can't be read. */
function describeConservation(facts: DatabaseFacts | null, spooled: number): Health["conservation"] {
  const accepted = facts?.chain?.accepted ?? 0;
  const removed = facts?.chain?.removed ?? 0;
  const stored = facts?.stored ?? 0;
  return {
    accepted: accepted + spooled,
    stored,
    removed,
    spooled,
    balanced: accepted === stored + removed,
    mismatch_ids: facts?.mismatches ?? [],
  };
}

function checkConservation({
  accepted,
  stored,
  removed,
  spooled,
  balanced,
  mismatch_ids,
}: Health["conservation"]) {
  if (balanced) return check("ok", "Every accepted message is accounted for.", accepted, "records");
  const ids = mismatch_ids.length === 0 ? "" : ` See ${mismatch_ids.join(", ")}.`;
  return check(
    "failing",
    `${accepted} messages were accepted, but ${stored} are stored, ${removed} removed and ${spooled} wait. Run a full check.${ids}`,
    accepted - stored - removed - spooled,
    "records",
  );
}

function overall(checks: readonly HealthCheck[]): Health["status"] {
  if (checks.some(({ state }) => state === "failing")) return "failing";
  return checks.some(({ state }) => state === "warning") ? "degraded" : "ok";
}

function metaTime(value: string | undefined): string | null {
  return value === undefined ? null : formatTime(Number(value));
}

/** `facts` is null where the database can't be read. */
export function describeHealth(paths: LedgerPaths, writer: WriterState, facts: DatabaseFacts | null): Health {
  const room = roomOf(paths.dataDir);
  const walBytes = fileSize(`${paths.database}-wal`);
  const meta = facts?.meta ?? {};
  const conservation = describeConservation(facts, writer.spooledMessages);
  const checks: Record<string, HealthCheck> = {
    database: checkDatabase(writer),
    spool: checkSpool(writer),
    disk: checkDisk(room, writer.trouble),
    wal: checkWal(walBytes),
    conservation: checkConservation(conservation),
    integrity: checkIntegrity(meta),
    chain: checkChain({ chain: facts?.chain ?? null, meta }),
    backup: checkBackup(meta),
    retention: checkRetention(meta),
    search_index: checkSearchIndex(writer.indexLag),
    ...checkSinks(facts?.sync ?? null),
  };
  if (facts === null && checks.database?.state === "ok") {
    checks.database = check("warning", "The database can't be read right now; it is tried again.");
  }
  return {
    store: "ledger",
    status: overall(Object.values(checks)),
    checks,
    data_dir: paths.dataDir,
    database: {
      available: facts !== null && writer.trouble === null,
      path: paths.database,
      size_bytes: fileSize(paths.database),
      wal_bytes: walBytes,
      free_bytes: facts?.freeBytes ?? 0,
      sqlite_version: facts?.sqliteVersion ?? "unknown",
      schema_version: facts?.schemaVersion ?? 0,
      tables: facts?.tables ?? {},
    },
    disk: room === null ? null : { free_bytes: room.free_bytes, total_bytes: room.total_bytes },
    spool: {
      records: writer.spooled,
      files: writer.spoolFiles,
      bytes: writer.spoolBytes,
      directory: writer.spoolDirectory,
    },
    chain: describeChain({ chain: facts?.chain ?? null, meta }),
    conservation,
    sinks: sinkConservation(facts?.sync ?? null),
    last_check_ts: metaTime(meta.last_check_ts),
    last_check_ok: meta.last_check_ok === undefined ? null : meta.last_check_ok === "1",
    last_backup_ts: metaTime(meta.last_backup_ts),
    last_vacuum_ts: metaTime(meta.last_vacuum_ts),
    uptime_seconds: process.uptime(),
    version: VERSION,
  };
}
