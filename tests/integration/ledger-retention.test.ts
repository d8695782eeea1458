import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { MessageLogger } from "../../src-main/ledger/message-logger.ts";
import type { RetentionPolicy, RetentionRule } from "../../src-main/ledger/retention-plan.ts";
import { checkDatabase } from "../../src-main/ledger/task/verify.ts";
import { DAY_MS } from "../../src-shared/time.ts";
import { countMessages, databaseOf, inspect, openLogger, rows, systemLogTexts } from "../support/ledger.ts";

const SOUND = { damage: [], drift: [], chain: { groups: expect.any(Number), broken: null } };
const RULE: RetentionRule = { channel: null, status: null, max_age_days: null, max_records: null };
const POLICY: RetentionPolicy = {
  rules: [],
  max_size_mb: null,
  system_log_days: null,
  export_before_delete: false,
};

/** So many, one a minute up to now, or up to so many days ago. */
async function fill(logger: MessageLogger, count: number, fields: object = {}, daysAgo = 0): Promise<void> {
  const start = Date.now() - daysAgo * DAY_MS - count * 60_000;
  const list = Array.from({ length: count }, (_, index) => ({
    origin_ts: start + index * 60_000,
    message_data: { index, padding: "x".repeat(200) },
    ...fields,
  }));
  expect(await logger.logMessages(list)).toMatchObject({ accepted: count, rejected: [] });
}

function exportsOf(logger: MessageLogger): string[] {
  const directory = join(logger.dataDir, "exports");
  return existsSync(directory) ? readdirSync(directory).map((name) => join(directory, name)) : [];
}

describe("retention by rules", () => {
  it("keeps the newest of a channel and a status, and what no rule is about", {
    timeout: 30_000,
  }, async () => {
    const logger = await openLogger();
    await fill(logger, 900, { channel: "sms", status: "failed" });
    await fill(logger, 300, { channel: "sms" });
    await fill(logger, 700, { channel: "email" }, 40);
    await fill(logger, 200, { channel: "email" });
    const rules: RetentionRule[] = [
      { ...RULE, channel: "sms", status: "failed", max_records: 100 },
      { ...RULE, channel: "email", max_age_days: 30 },
      // Overlaps with the first: counted once.
      { ...RULE, status: "failed", max_records: 500 },
    ];
    const planned = await logger.planRetention({ ...POLICY, rules });
    expect(planned.map(({ messages }) => messages)).toEqual([800, 700, 0]);
    expect(await countMessages(logger)).toBe(2_100);
    const done: number[] = [];
    expect(
      await logger.applyRetention({ ...POLICY, rules }, { onProgress: (count) => done.push(count) }),
    ).toMatchObject({ deleted: 1_500, files: [] });
    expect(done.at(-1)).toBe(1_500);
    expect(await countMessages(logger, "channel:sms status:failed")).toBe(100);
    expect(await countMessages(logger, "channel:sms -status:failed")).toBe(300);
    expect(await countMessages(logger, "channel:email")).toBe(200);
    inspect(logger.dataDir, (database) => {
      const [oldest] = rows<{ data: string }>(
        database,
        "SELECT message_data AS data FROM message_logs WHERE status = 'failed' ORDER BY origin_ts",
      );
      expect(JSON.parse(oldest?.data ?? "")).toMatchObject({ index: 800 });
      expect(
        rows<{ reason: string }>(database, "SELECT DISTINCT reason FROM chain_cuts ORDER BY 1").map(
          ({ reason }) => reason.replace(/2\d.*Z/, "…"),
        ),
      ).toEqual([
        "Retention: channel email before …",
        "Retention: channel sms status failed past the newest 100",
      ]);
    });
    expect(checkDatabase(databaseOf(logger.dataDir))).toEqual(SOUND);
    expect(await logger.applyRetention({ ...POLICY, rules })).toMatchObject({ deleted: 0 });
    expect((await systemLogTexts(logger))[0]).toBe("Retention deleted 1500 messages.");
  });

  it("makes the database fit into a size, oldest first", { timeout: 30_000 }, async () => {
    const logger = await openLogger();
    await fill(logger, 3_000, { message_data: { padding: "x".repeat(2_000) } });
    const result = await logger.applyRetention({ ...POLICY, max_size_mb: 5 });
    expect(result.deleted).toBeGreaterThan(500);
    expect(result.freed_bytes).toBeGreaterThan(1_000_000);
    const left = await countMessages(logger);
    expect(left).toBe(3_000 - result.deleted);
    expect(left).toBeGreaterThan(1_000);
    inspect(logger.dataDir, (database) => {
      const pages = Number(database.pragma("page_count", { simple: true }));
      expect(pages * 4_096).toBeLessThan(5_000_000);
      const order = rows<{ seq: number }>(database, "SELECT min(seq) AS seq FROM message_logs");
      expect(order[0]?.seq).toBe(result.deleted + 1);
    });
    expect(checkDatabase(databaseOf(logger.dataDir))).toEqual(SOUND);
    // The smallest size there is leaves a ledger that works.
    await logger.applyRetention({ ...POLICY, max_size_mb: 1 });
    expect(await logger.logMessage({}).accepted).toMatchObject({ stored: "ledger" });
  });

  it("deletes system logs and empty sessions in steps", { timeout: 30_000 }, async () => {
    const logger = await openLogger();
    const old = Date.now() - 40 * DAY_MS;
    for (let index = 0; index < 1_200; index += 1)
      void logger.beginSession({ session_id: `old ${index}`, started_ts: old + (index % 3), channel: "sms" });
    await logger.beginSession({ session_id: "other", started_ts: old, channel: "email" });
    await logger.beginSession({ session_id: "new", channel: "sms" });
    await logger.logSystemEvent({ level: "info", component: "test", message: "old" });
    await logger.flush();
    const rules = [{ ...RULE, channel: "sms", max_age_days: 30 }];
    const result = await logger.applyRetention({ ...POLICY, rules, system_log_days: 0.000_000_001 });
    expect(result.system_logs).toBeGreaterThan(0);
    inspect(logger.dataDir, (database) =>
      expect(rows(database, "SELECT session_id FROM sessions ORDER BY 1")).toEqual([
        { session_id: "new" },
        { session_id: "other" },
      ]),
    );
    expect(await systemLogTexts(logger)).toEqual(["Retention deleted 0 messages."]);
  });
});

describe("retention that exports first", () => {
  const rules = [{ ...RULE, max_age_days: 30 }];
  const policy = { ...POLICY, rules, export_before_delete: true };

  it("deletes just what is in the file, which can be imported again", { timeout: 30_000 }, async () => {
    const logger = await openLogger();
    await fill(logger, 2_500, { content_preview: 'a "quoted"\nline, 漢字' }, 40);
    await fill(logger, 10);
    const all = readIds(logger);
    const result = await logger.applyRetention(policy);
    expect(result.deleted).toBe(2_500);
    expect(result.files).toEqual(exportsOf(logger));
    expect(await countMessages(logger)).toBe(10);
    expect(checkDatabase(databaseOf(logger.dataDir))).toEqual(SOUND);
    const other = await openLogger();
    expect(await other.importData(result.files[0] ?? "")).toMatchObject({ accepted: 2_500, rejected: 0 });
    expect([...readIds(other), ...readIds(logger)].sort()).toEqual(all.sort());
    // Nothing to delete makes no file.
    await logger.applyRetention(policy);
    expect(exportsOf(logger)).toEqual(result.files);
  });

  it("leaves what changed after it was written for the next time", { timeout: 30_000 }, async () => {
    const logger = await openLogger();
    await fill(logger, 3_000, {}, 40);
    const [changed = ""] = readIds(logger).slice(-1);
    let isChanged = false;
    const { deleted, files } = await logger.applyRetention(policy, {
      onProgress: (done) => {
        if (isChanged || done === 0) return;
        isChanged = true;
        void logger.updateMessageStatus(changed, "delivered");
      },
    });
    expect(deleted).toBe(2_999);
    expect(readIds(logger)).toEqual([changed]);
    expect(readFileSync(files[0] ?? "", "utf8")).toContain(changed);
    expect((await logger.applyRetention(policy)).deleted).toBe(1);
  });

  it("deletes nothing where the file can't be written, and says why", { timeout: 30_000 }, async () => {
    const logger = await openLogger();
    await fill(logger, 100, {}, 40);
    writeFileSync(join(logger.dataDir, "exports"), "in the way");
    await expect(logger.applyRetention(policy)).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringMatching(
        /^Nothing was deleted: what is to be deleted could not be exported first\./,
      ),
    });
    expect(await countMessages(logger)).toBe(100);
    expect(await systemLogTexts(logger)).toEqual([expect.stringMatching(/^Retention failed\. Nothing was/)]);
  });
});

function readIds(logger: MessageLogger): string[] {
  return inspect(logger.dataDir, (database) =>
    rows<{ id: string }>(database, "SELECT message_uuid AS id FROM message_logs ORDER BY seq").map(
      ({ id }) => id,
    ),
  );
}
