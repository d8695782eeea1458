import type { Command } from "commander";
import { InvalidArgumentError } from "commander";
import { parseDuration } from "../../../src-shared/query/duration.ts";
import { parseTime } from "../../../src-shared/time.ts";
import { type ApiKey, ApiKeys, hasExpired, MAX_RATE, type ShownKey } from "../../api/api-keys.ts";
import { SCOPES, type Scope } from "../../api/scopes.ts";
import { act, addDataDir, type CommonOptions, withLedger } from "../command.ts";
import { EXIT_OK } from "../failures.ts";
import { tell, write, writeJson, writeLine } from "../output.ts";
import { formatMoment, formatTable } from "../table.ts";

const COMPONENT = "api keys";

export function keysCommand(program: Command): void {
  const keys = program
    .command("keys")
    .description("API keys: what other programs sign in with, each with rights of its own");
  addCreate(keys);
  addList(keys);
  addRevoke(keys);
}

type CreateOptions = CommonOptions & { scope: Scope[]; expires?: number; rate?: number };

function addCreate(keys: Command): void {
  const create = addDataDir(keys.command("create <name>"))
    .description("make a key, and print it this once")
    .requiredOption(
      "--scope <scopes>",
      "read (look at everything), write (log records, report statuses, begin and end sessions), both as read,write, or admin (everything)",
      parseScopes,
    )
    .option("--expires <when>", "a date, a time, or how long from now, such as 90d", parseExpiry)
    .option("--rate <limit>", "requests a minute to each host, such as 600/min", parseRate)
    .option("--json", "print {name, key, …}");
  act<CreateOptions>(create, async ({ scope, expires, rate, json }, dataDir, name = "") => {
    const { secret, key } = await new ApiKeys(dataDir, tell).create({
      name,
      scopes: scope,
      expires: expires ?? null,
      rate_per_minute: rate ?? null,
    });
    const { secret_sha256: _hash, ...shown } = key;
    if (json === true) await writeJson({ key: secret, ...shown });
    else {
      await writeLine(secret);
      tell(
        `This key is shown once. Send it with the header "Authorization: Bearer <key>" or "X-API-Key: <key>".`,
      );
    }
    await note(dataDir, `The key "${key.name}" was created: ${describe(key)}.`, key);
    return EXIT_OK;
  });
}

function addList(keys: Command): void {
  const list = addDataDir(keys.command("list"))
    .description("the keys, what they may do and when they were last used")
    .option("--json", "print JSON");
  act<CommonOptions>(list, async ({ json }, dataDir) => {
    const found = await new ApiKeys(dataDir, tell).list();
    if (json === true) await writeJson({ keys: found });
    else if (found.length === 0)
      tell("There is no key. Make one with: waybill keys create NAME --scope read");
    else await write(formatTable(found, COLUMNS));
    return EXIT_OK;
  });
}

function addRevoke(keys: Command): void {
  const revoke = addDataDir(keys.command("revoke <name>"))
    .description("end a key at once, on every host of the data directory")
    .option("--json", "print {revoked}");
  act<CommonOptions>(revoke, async ({ json }, dataDir, name = "") => {
    const key = await new ApiKeys(dataDir, tell).revoke(name);
    if (json === true) await writeJson({ revoked: key.name });
    else tell(`The key "${key.name}" is not taken any more.`);
    await note(dataDir, `The key "${key.name}" was revoked.`, key);
    return EXIT_OK;
  });
}

const COLUMNS = [
  { title: "NAME", text: ({ name }: ShownKey) => name },
  { title: "SCOPES", text: ({ scopes }: ShownKey) => scopes.join(",") },
  { title: "A MINUTE", text: ({ rate_per_minute: rate }: ShownKey) => String(rate ?? "–"), align: "right" },
  { title: "CREATED", text: ({ created_ts }: ShownKey) => formatMoment(created_ts) },
  { title: "LAST USED", text: ({ last_used_ts: ts }: ShownKey) => (ts === null ? "–" : formatMoment(ts)) },
  { title: "EXPIRES", text: (key: ShownKey) => expiryOf(key) },
] as const;

function expiryOf(key: Pick<ApiKey, "expires_ts">): string {
  if (key.expires_ts === null) return "–";
  return `${formatMoment(key.expires_ts)}${hasExpired(key) ? " (over)" : ""}`;
}

/** For the system log, which never gets the key or its hash. */
function describe({ scopes, expires_ts, rate_per_minute }: ApiKey): string {
  const parts = [`it may ${scopes.join(" and ")}`];
  if (rate_per_minute !== null) parts.push(`${rate_per_minute} times a minute`);
  if (expires_ts !== null) parts.push(`until ${expires_ts}`);
  return parts.join(", ");
}

/** What was done to the key stands, also where the system log does not take it. */
async function note(dataDir: string, message: string, { id, name, scopes }: ApiKey): Promise<void> {
  const event = { level: "info", component: COMPONENT, message, details: { id, name, scopes } } as const;
  try {
    await withLedger(dataDir, (ledger) => ledger.logSystemEvent(event));
  } catch (error) {
    tell(
      `waybill: the system log did not take this: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function parseScopes(text: string): Scope[] {
  const names = [...new Set(text.split(",").map((name) => name.trim()))];
  const scopes = SCOPES.filter((scope) => names.includes(scope));
  if (scopes.length === names.length) return scopes;
  throw new InvalidArgumentError(`Name ${SCOPES.join(", ")}, or several with commas between them.`);
}

function parseExpiry(text: string): number {
  const duration = parseDuration(text);
  const ts = duration === undefined ? parseTime(text) : parseTime(new Date(Date.now() + duration));
  if (ts === undefined)
    throw new InvalidArgumentError(
      "Write a date (2027-01-31), a time (2027-01-31T09:30Z) or a duration (90d, 12h).",
    );
  if (ts <= Date.now()) throw new InvalidArgumentError("That is in the past.");
  return ts;
}

function parseRate(text: string): number {
  const rate = Number(/^(\d{1,7})(?:\/min)?$/.exec(text)?.[1] ?? 0);
  if (rate >= 1 && rate <= MAX_RATE) return rate;
  throw new InvalidArgumentError(`Write it like 600/min: from 1 to ${MAX_RATE} requests a minute.`);
}
