import { statSync } from "node:fs";
import { statfs } from "node:fs/promises";
import type { Health, HealthCheck } from "../../src-shared/contract/upkeep.ts";
import { formatTime } from "../../src-shared/time.ts";
import type { LedgerPaths } from "./data-dir.ts";
import type { DatabaseFacts } from "./reader/facts.ts";
import { VERSION } from "./version.ts";
import type { WriterState } from "./writer/writer.ts";

const MIB = 1024 * 1024;
/** Below it the operator should act; below the second a commit may fail any moment. */
const LOW_DISK_BYTES = 500 * MIB;
const FULL_DISK_BYTES = 50 * MIB;
const LARGE_WAL_BYTES = 256 * MIB;
const LONG_INDEX_LAG = 200_000;

type Disk = Health["disk"];

function fileSize(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** Null where the file system does not tell, as when the folder is gone. */
async function measureDisk(directory: string): Promise<Disk> {
  try {
    const { bavail, blocks, bsize } = await statfs(directory);
    return { free_bytes: bavail * bsize, total_bytes: blocks * bsize };
  } catch {
    return null;
  }
}

function check(
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
  if (trouble !== null) return check("warning", trouble.message);
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

function checkDisk(disk: Disk): HealthCheck {
  if (disk === null)
    return check("warning", "The free space of the disk can't be read; check that the data folder is there.");
  const free = disk.free_bytes;
  if (free < FULL_DISK_BYTES)
    return check("failing", "The disk is full. Free some space now.", free, "bytes");
  if (free < LOW_DISK_BYTES)
    return check("warning", "The disk is nearly full. Free some space soon.", free, "bytes");
  return check("ok", "There is enough free disk space.", free, "bytes");
}

function checkWal(bytes: number): HealthCheck {
  if (bytes < LARGE_WAL_BYTES) return check("ok", "The write-ahead log is of a normal size.", bytes, "bytes");
  return check(
    "warning",
    "The write-ahead log is large. Close programs that hold the database open for long.",
    bytes,
    "bytes",
  );
}

function checkIntegrity(meta: DatabaseFacts["meta"]): HealthCheck {
  if (meta.last_check_ok === undefined) return check("ok", "The full integrity check has not been run yet.");
  if (meta.last_check_ok === "1") return check("ok", "The last full check found nothing wrong.");
  return check("failing", "The last full check found damage. Run a repair; the damaged file will be kept.");
}

function checkBackup(meta: DatabaseFacts["meta"]): HealthCheck {
  return meta.last_backup_ts === undefined
    ? check("ok", "There is no backup yet. Make one before you need it.")
    : check("ok", "A verified backup is there.");
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
      "records",
    );
  }
  if (meta.last_chain_ts === undefined)
    return check("ok", "The chain of records has not been read through yet. A full check does it.");
  return check("ok", "No record was altered since it was accepted, as of the last full check.");
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
export async function describeHealth(
  paths: LedgerPaths,
  writer: WriterState,
  facts: DatabaseFacts | null,
): Promise<Health> {
  const disk = await measureDisk(paths.dataDir);
  const walBytes = fileSize(`${paths.database}-wal`);
  const meta = facts?.meta ?? {};
  const conservation = describeConservation(facts, writer.spooledMessages);
  const checks: Record<string, HealthCheck> = {
    database: checkDatabase(writer),
    spool: checkSpool(writer),
    disk: checkDisk(disk),
    wal: checkWal(walBytes),
    conservation: checkConservation(conservation),
    integrity: checkIntegrity(meta),
    chain: checkChain({ chain: facts?.chain ?? null, meta }),
    backup: checkBackup(meta),
    search_index: checkSearchIndex(writer.indexLag),
  };
  if (facts === null && checks.database?.state === "ok") {
    checks.database = check("warning", "The database can't be read right now; it is tried again.");
  }
  return {
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
    disk,
    spool: {
      records: writer.spooled,
      files: writer.spoolFiles,
      bytes: writer.spoolBytes,
      directory: writer.spoolDirectory,
    },
    chain: describeChain({ chain: facts?.chain ?? null, meta }),
    conservation,
    last_check_ts: metaTime(meta.last_check_ts),
    last_check_ok: meta.last_check_ok === undefined ? null : meta.last_check_ok === "1",
    last_backup_ts: metaTime(meta.last_backup_ts),
    last_vacuum_ts: metaTime(meta.last_vacuum_ts),
    uptime_seconds: process.uptime(),
    version: VERSION,
  };
}
