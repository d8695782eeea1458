import { copyFileSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { bringBack } from "../../src-main/ledger/writer/bring-back.ts";
import { PAGE, salvage } from "../support/damaged-ledger.ts";
import { databaseOf, eventually, inspect, rows, temporaryDirectory } from "../support/ledger.ts";
import { messageEntry, openWriter, statusEntry } from "../support/writer.ts";

/** A copy of a database with what its head tells, beside a log that holds this. */
function copyWithLog(file: string, log: Buffer): string {
  const copied = join(temporaryDirectory(), "ledger.db");
  for (const companion of ["", "-head"]) copyFileSync(file + companion, copied + companion);
  writeFileSync(`${copied}-wal`, log);
  const head = JSON.parse(readFileSync(`${copied}-head`, "utf8")) as Record<string, unknown>;
  writeFileSync(`${copied}-head`, JSON.stringify({ ...head, inode: String(statSync(copied).ino) }));
  return copied;
}

describe("a log that lost its end", () => {
  it("hides nothing that a checkpoint had moved to the database before", async () => {
    const { dataDir, submit, writer } = openWriter();
    const file = databaseOf(dataDir);
    const early = Array.from({ length: 40 }, (_, index) => messageEntry({ topic: `early ${index}` }));
    for (const entry of early) await submit(entry);
    const cut = readFileSync(`${file}-wal`);
    const late = Array.from({ length: 40 }, (_, index) => messageEntry({ topic: `late ${index}` }));
    for (const entry of late) await submit(entry);
    const changed = early[39]?.message.message_uuid ?? "";
    await submit(statusEntry(changed, "read"));
    writer.requireStore().moveLog();

    const damaged = copyWithLog(file, cut);

    const into = openWriter();
    const counts = salvage(damaged, into.writer.requireStore().database);
    expect(counts).toMatchObject({ messages: 80, events: 81, unreadable: 0 });
    const found = inspect(into.dataDir, (reading) =>
      rows(reading, "SELECT topic, status FROM message_logs WHERE message_uuid = ?", changed),
    );
    expect(found).toEqual([{ topic: "early 39", status: "read" }]);
  });

  it("with all that there was is told by how much that was", async () => {
    const { dataDir, submit } = openWriter();
    const file = databaseOf(dataDir);
    for (let index = 0; index < 5; index += 1) await submit(messageEntry());
    const damaged = copyWithLog(file, readFileSync(`${file}-wal`).subarray(0, PAGE));
    const context = { progress: () => {}, signal: new AbortController().signal };
    const counts = await bringBack(openWriter().writer, damaged, context);
    expect(counts).toMatchObject({ messages: 0, unreadable: 5 });
  });

  it("is noticed before the search index or anything else is written behind the gap", async () => {
    const { dataDir, submit, damaged } = openWriter();
    for (let index = 0; index < 5; index += 1)
      await submit(messageEntry({ content_preview: `words ${index}` }));
    const log = `${databaseOf(dataDir)}-wal`;
    const { size } = statSync(log);
    truncateSync(log, size - PAGE);
    await eventually(() => expect(damaged).toHaveLength(1));
    expect(statSync(`${damaged[0]}-wal`).size).toBe(size - PAGE);
  });
});
