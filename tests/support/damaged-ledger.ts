import { randomBytes } from "node:crypto";
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect } from "vitest";
import { ledgerPaths } from "../../src-main/ledger/data-dir.ts";
import type { WritableDatabase } from "../../src-main/ledger/open.ts";
import { Salvager } from "../../src-main/ledger/writer/salvage.ts";
import { Writer } from "../../src-main/ledger/writer/writer.ts";
import { STATUSES } from "../../src-shared/status.ts";
import { databaseOf, eventually, inspectFile, temporaryDirectory } from "./ledger.ts";
import { messageEntry, nextOwner, statusEntry } from "./writer.ts";

export const PAGE = 4_096;
/** Enough that the tables have pages between root and leaves. */
export const ROWS = 2_000;

/** A ledger of `ROWS` messages, 500 more changes and 10 sessions, made once for a test file; `copy` gives a folder with another. */
export function sharedLedger(): { dataDir: string; uuids: readonly string[]; copy: () => string } {
  const dataDir = mkdtempSync(join(tmpdir(), "waybill-damage-"));
  const uuids: string[] = [];
  beforeAll(async () => {
    const writer = new Writer(ledgerPaths(dataDir), nextOwner(), { onState: () => {}, onDamage: () => {} });
    writer.start();
    const entries = Array.from({ length: ROWS }, (_, index) =>
      messageEntry({
        session_id: `s${index % 10}`,
        status: STATUSES[index % STATUSES.length] ?? "pending",
        error_message: index % 7 === 5 ? `no route ${index}` : null,
        origin_ts: Date.UTC(2026, 0, 1) + index * 60_000,
        content_preview: `message ${index} ${"word ".repeat(20)}`,
        destination_subject_ids: [`r${index}@example.com`],
      }),
    );
    uuids.push(...entries.map(({ message }) => message.message_uuid));
    await writer.submit(entries);
    await writer.submit(uuids.slice(0, 500).map((uuid) => statusEntry(uuid, "read")));
    await writer.submit([
      { op: "system_log", at: 1, level: "info", component: "test", message: "kept", details: null },
    ]);
    // Or the next writer would read the rows for its search index, and meet the damage before anyone else.
    await eventually(() => expect(writer.state().indexLag).toBe(0));
    await writer.close();
    return () => rmSync(dataDir, { recursive: true });
  });
  const copy = (): string => {
    const copied = temporaryDirectory();
    copyFileSync(databaseOf(dataDir), databaseOf(copied));
    return copied;
  };
  return { dataDir, uuids, copy };
}

/** Writes noise over pages, the first of which is 1. */
export function overwrite(file: string, pages: readonly number[]): void {
  const descriptor = openSync(file, "r+");
  for (const page of pages) writeSync(descriptor, randomBytes(PAGE), 0, PAGE, (page - 1) * PAGE);
  closeSync(descriptor);
}

/** The pages of a table or index, the root first. */
export function pagesOf(file: string, name: string): { root: number; inner: number[]; leaves: number[] } {
  return inspectFile(file, (database) => {
    const root = database
      .prepare("SELECT rootpage FROM sqlite_schema WHERE name = ?")
      .pluck()
      .get(name) as number;
    // Walk the tree by the file format: 2 and 5 are interior pages.
    const bytes = readFileSync(file);
    const inner: number[] = [];
    const leaves: number[] = [];
    const walk = (page: number): void => {
      const start = (page - 1) * PAGE;
      const kind = bytes.readUInt8(start);
      if (kind !== 2 && kind !== 5) {
        leaves.push(page);
        return;
      }
      if (page !== root) inner.push(page);
      const cells = bytes.readUInt16BE(start + 3);
      for (let cell = 0; cell < cells; cell += 1)
        walk(bytes.readUInt32BE(start + bytes.readUInt16BE(start + 12 + 2 * cell)));
      walk(bytes.readUInt32BE(start + 8));
    };
    walk(root);
    return { root, inner, leaves };
  });
}

/** The databases that were set aside, by their names. */
export function quarantined(dataDir: string): string[] {
  const { quarantine } = ledgerPaths(dataDir);
  return existsSync(quarantine) ? readdirSync(quarantine).filter((name) => name.endsWith(".db")) : [];
}

/** Brings all that can be read of a damaged database into another one. */
export function salvage(file: string, into: WritableDatabase): Salvager["counts"] {
  const salvager = new Salvager(file);
  for (const batch of salvager.batches(into)) salvager.bring(into, batch);
  salvager.close();
  return salvager.counts;
}
