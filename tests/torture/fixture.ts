import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { countMessages } from "./ledger-file.ts";
import type { Round } from "./round.ts";

/** A ledger as the first Waybill kept it: `ledger-v1.db`, 400 messages with their history, closed in order. */
const FIXTURE = join(import.meta.dirname, "fixtures", "ledger-v1.db.gz");

/** Puts the ledger of an earlier version in the round's data folder, to be migrated; gives its number of messages. */
export function layFixture(round: Round): number {
  const file = join(round.dataDir, "ledger.db");
  writeFileSync(file, gunzipSync(readFileSync(FIXTURE)), { mode: 0o600 });
  // Made by the host otherwise, who may find no room for it.
  writeFileSync(join(round.dataDir, "token"), `${randomBytes(32).toString("base64url")}\n`, { mode: 0o600 });
  return countMessages(file);
}
