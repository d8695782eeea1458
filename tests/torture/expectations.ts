import { join } from "node:path";
import type { Health } from "../../src-shared/contract/upkeep.ts";
import type { Claim } from "./claims.ts";
import type { Host } from "./host.ts";
import { type MessageRow, readLedger } from "./ledger-file.ts";
import { type Output, runWaybill } from "./processes.ts";
import type { Round } from "./round.ts";

const MOST_EXAMPLES = 3;

export type Expected = {
  /** Rows that were in the ledger before the round began. */
  before?: number;
  /** The disk of the round is small on purpose. */
  isSmallDisk?: boolean;
  /** Records of one stream are in the ledger in the order sent; a salvage or a resend may change it. */
  inOrder?: boolean;
};

/** Everything that Waybill promised holds: checked by its own deep check, and again from the tables. */
export async function expectKept(round: Round, host: Host, expected: Expected = {}): Promise<void> {
  await expectSound(round, expected);
  const totals = await askStatistics(host);
  const ledger = readLedger(join(round.dataDir, "ledger.db"));
  for (const finding of ledger.findings) round.problem(finding);
  expectRows(round, ledger.messages, expected);
  expectHistory(round, ledger.messages, ledger.events);
  const counted = countByStatus(ledger.messages);
  if (JSON.stringify(totals) !== JSON.stringify(counted))
    round.problem(`GET /stats tells ${JSON.stringify(totals)}, the rows are ${JSON.stringify(counted)}`);
  const { code, signal } = await host.stop();
  if (code !== 0) round.problem(`the host ended with ${signal ?? code}: ${host.child.stderr().trim()}`);
}

/** `health --deep` finds nothing wrong. */
export async function expectSound(round: Round, { isSmallDisk }: Expected = {}): Promise<void> {
  const output = await deepHealth(round);
  const health = parseHealth(round, output);
  if (health === null) return;
  if (health.last_check_ok !== true) round.problem(`health --deep: ${health.checks.integrity?.message}`);
  for (const [name, { state, message }] of Object.entries(health.checks)) {
    if (state !== "ok" && !(name === "disk" && isSmallDisk === true))
      round.problem(`health --deep: ${name} is ${state}: ${message}`);
  }
}

export function deepHealth(round: Round): Promise<Output> {
  return runWaybill(["health", "--deep", "--json", "--data-dir", round.dataDir], round.env);
}

export function parseHealth(round: Round, { code, signal, stdout, stderr }: Output): Health | null {
  if ((code === 0 || code === 1) && stdout.startsWith("{")) return JSON.parse(stdout) as Health;
  round.problem(`health --deep ended with ${signal ?? code}: ${stderr.trim()}`);
  return null;
}

/** What was acknowledged is there exactly once and as it was sent; nothing that was refused is. */
function expectRows(
  round: Round,
  rows: readonly MessageRow[],
  { before = 0, inOrder = false }: Expected,
): void {
  const { claims } = round;
  const found = new Map<string, MessageRow[]>();
  for (const row of rows) {
    const key = row.external_id ?? "";
    found.set(key, [...(found.get(key) ?? []), row]);
  }
  const missing: string[] = [];
  const wrong: string[] = [];
  const doubled: string[] = [];
  const unrefused: string[] = [];
  for (const [key, claim] of claims.all) {
    const there = found.get(key) ?? [];
    if (there.length > 1) doubled.push(key);
    if (claim.state === "refused" && there.length > 0) unrefused.push(key);
    const [row] = there;
    if (row !== undefined && !isAsSent(claim, row))
      wrong.push(`${key}: ${JSON.stringify(row).slice(0, 300)}`);
    if (claim.state === "acknowledged" && row === undefined && !mayBeMissing(round, key)) missing.push(key);
    if (claim.state === "acknowledged" && row !== undefined && row.message_uuid !== claim.uuid)
      wrong.push(`${key} is ${row.message_uuid}, but was acknowledged as ${claim.uuid}`);
  }
  tell(round, missing, "acknowledged records are missing");
  tell(round, doubled, "records are there more than once");
  tell(round, wrong, "records are not as they were sent");
  tell(round, unrefused, "records were refused, but are there");
  const strangers = rows.filter(({ external_id }) => !claims.all.has(external_id ?? "")).length;
  if (strangers !== before)
    round.problem(`${strangers} rows are not of this round, ${before} were there before it`);
  if (inOrder) tell(round, outOfOrder(claims.all.values(), found), "records came out of order");
}

function mayBeMissing({ claims }: Round, key: string): boolean {
  return claims.mayBeLost.has(key) || claims.mayBePruned.has(key);
}

function isAsSent({ record }: Claim, row: MessageRow): boolean {
  if (row.message_data !== JSON.stringify(record.message_data)) return false;
  return row.session_id === (record.session_id ?? null) && row.topic === record.topic;
}

/** The records of each stream that stand before one that was sent earlier. */
function outOfOrder(claims: Iterable<Claim>, found: ReadonlyMap<string, MessageRow[]>): string[] {
  const last = new Map<string, number>();
  const wrong: string[] = [];
  for (const { record, stream, state, isResent } of claims) {
    const seq = found.get(record.external_id)?.[0]?.seq;
    if (seq === undefined || state !== "acknowledged" || isResent) continue;
    if (seq < (last.get(stream) ?? 0)) wrong.push(record.external_id);
    last.set(stream, seq);
  }
  return wrong;
}

/** Acknowledged reports are in the history once, and in force. */
function expectHistory(round: Round, rows: readonly MessageRow[], events: ReadonlyMap<string, number>): void {
  const { claims } = round;
  const notInForce: string[] = [];
  const notKept: string[] = [];
  for (const row of rows) {
    const key = row.external_id ?? "";
    const claim = claims.all.get(key);
    if (claim === undefined || claims.mayBeLost.has(key) || claims.mayLoseHistory.has(key)) continue;
    const reports = [{ status: claim.record.status, state: "acknowledged" }, ...claim.reports];
    const inForce = reports.findLastIndex(({ state }) => state === "acknowledged");
    const possible = reports.slice(inForce).map(({ status }) => status);
    if (!possible.some((status) => status === row.status))
      notInForce.push(
        `${key} is ${row.status}, reported were ${reports.map(({ status }) => status).join(", ")}`,
      );
    for (const { status, state } of reports) {
      const count = events.get(`${row.message_uuid} ${status}`) ?? 0;
      if (count > 1 || (count === 0 && state === "acknowledged"))
        notKept.push(`${key} ${status}: ${count} times`);
    }
  }
  tell(round, notInForce, "acknowledged status changes are not in force");
  tell(round, notKept, "status changes are not in the history exactly once");
}

/** Tells of a list of them as one problem, with a few examples. */
export function tell(round: Round, list: readonly string[], what: string): void {
  if (list.length === 0) return;
  const more = list.length > MOST_EXAMPLES ? ", …" : "";
  round.problem(`${list.length} ${what}: ${list.slice(0, MOST_EXAMPLES).join("; ")}${more}`);
}

async function askStatistics(host: Host): Promise<Record<string, number>> {
  const { text } = await host.send("GET", "/stats?days=36500");
  return sorted((JSON.parse(text) as { by_status: Record<string, number> }).by_status);
}

function countByStatus(rows: readonly MessageRow[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status } of rows) counts[status] = (counts[status] ?? 0) + 1;
  return sorted(counts);
}

function sorted(counts: Record<string, number>): Record<string, number> {
  const entries = Object.entries(counts).filter(([, count]) => count > 0);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
