import { MIGRATIONS, type Migration } from "./migrations/index.ts";
import type { WritableDatabase } from "./open.ts";
import { NewerLedgerError } from "./sqlite-errors.ts";
import { sealExisting } from "./writer/chain.ts";
import { recount } from "./writer/rollups.ts";

/** The chain and today's statistics came with this version. */
const DERIVED_VERSION = 2;

export function schemaVersion(database: {
  pragma(source: string, options: { simple: true }): unknown;
}): number {
  return Number(database.pragma("user_version", { simple: true }));
}

export function latestVersion(migrations: readonly Migration[] = MIGRATIONS): number {
  return migrations.at(-1)?.version ?? 0;
}

/** Throws `NewerLedgerError` where the ledger is ahead of this program. */
export function assertNotNewer(
  database: Parameters<typeof schemaVersion>[0],
  latest = latestVersion(),
): void {
  const current = schemaVersion(database);
  if (current > latest) {
    throw new NewerLedgerError(
      `The ledger has version ${current}; this Waybill knows versions up to ${latest}.`,
    );
  }
}

/**
 * Brings a ledger to the last version in one transaction: all steps or none. Throws
 * `NewerLedgerError`, untouched, where the ledger is ahead of this program.
 */
export function migrate(database: WritableDatabase, migrations: readonly Migration[] = MIGRATIONS): void {
  const latest = latestVersion(migrations);
  const run = database.transaction(() => {
    // Read again inside the lock: another process may have migrated meanwhile.
    const current = schemaVersion(database);
    for (const migration of migrations) {
      if (migration.version <= current) continue;
      migration.up(database);
      database.pragma(`user_version = ${migration.version}`);
    }
    if (current > 0 && current < DERIVED_VERSION && migrations === MIGRATIONS) deriveAnew(database);
  });
  assertNotNewer(database, latest);
  if (schemaVersion(database) < latest) run.immediate();
}

/** What is made from the rows is made by the code of today, which no step of the past can know. */
function deriveAnew(database: WritableDatabase): void {
  recount(database);
  sealExisting(database, "Records from before the chain", Date.now());
}
