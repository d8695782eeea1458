import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import Database from "better-sqlite3";
import { afterAll, onTestFinished } from "vitest";
import { ledgerPaths } from "../../src-main/ledger/data-dir.ts";
import { MessageLogger } from "../../src-main/ledger/message-logger.ts";

// The tests start threads and processes by the hundred: their code need not be made ready anew each time.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, "../../node_modules/.cache/node-compile");

// Whatever goes wrong, no test spools into the home of whoever runs it.
const home = mkdtempSync(join(tmpdir(), "waybill-home-"));
process.env.HOME = home;
afterAll(() => rmSync(home, { recursive: true, force: true }));

type CleanUp = () => void | Promise<void>;
let register: (cleanUp: CleanUp) => void = onTestFinished;

/** What a test opened is closed after it, the last first. */
export function cleanUp(run: CleanUp): void {
  register(run);
}

/** For a file whose tests run beside each other, where nobody can tell which one has finished: it is all done at its end. */
export function cleanUpAtEnd(): void {
  const all: CleanUp[] = [];
  register = (run) => void all.unshift(run);
  afterAll(async () => {
    for (const run of all) await run();
  });
}

/** A folder of the test's own, gone after it. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "waybill-ledger-"));
  cleanUp(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** The spool's last resorts lie outside the data folder: here they are the test's own. */
export function ownHome(): string {
  const home = temporaryDirectory();
  const { HOME, TMPDIR } = process.env;
  process.env.HOME = join(home, "home");
  process.env.TMPDIR = home;
  cleanUp(() => {
    restoreVariable("HOME", HOME);
    restoreVariable("TMPDIR", TMPDIR);
  });
  return home;
}

function restoreVariable(name: "HOME" | "TMPDIR", value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}

/** An open ledger, closed after the test. */
export async function openLogger(dataDir = temporaryDirectory()): Promise<MessageLogger> {
  const logger = await MessageLogger.open({ dataDir });
  cleanUp(() => logger.close());
  return logger;
}

export function databaseOf(dataDir: string): string {
  return ledgerPaths(dataDir).database;
}

/** Looks into a ledger's file from outside, as any SQLite tool would. */
export function inspect<T>(dataDir: string, look: (database: Database.Database) => T): T {
  return inspectFile(databaseOf(dataDir), look);
}

export function inspectFile<T>(file: string, look: (database: Database.Database) => T): T {
  const database = new Database(file, { readonly: true, fileMustExist: true });
  try {
    return look(database);
  } finally {
    database.close();
  }
}

export function rows<T = Record<string, unknown>>(
  database: Database.Database,
  sql: string,
  ...values: unknown[]
): T[] {
  return database.prepare(sql).all(...values) as T[];
}

/** Waits until what is expected holds; fails with its last failure. */
export async function eventually<T>(look: () => T | Promise<T>, withinMs = 5_000): Promise<T> {
  const until = Date.now() + withinMs;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      if (Date.now() > until) throw error;
      await pause(25);
    }
  }
}

/** Messages that the ledger's reader finds. */
export async function countMessages(logger: MessageLogger, q = ""): Promise<number> {
  return (await logger.read("messages.count", { q })).count;
}

/** The texts of the system log, oldest first. */
export async function systemLogTexts(logger: MessageLogger): Promise<string[]> {
  const { logs } = await logger.read("systemLogs.list", { text: "", limit: 1_000 });
  return logs.map(({ message }) => message).reverse();
}
