import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Papa from "papaparse";
import { describe, expect, it } from "vitest";
import type { MessageLogger } from "../../src-main/ledger/message-logger.ts";
import type { ExportFormat } from "../../src-shared/contract/upkeep.ts";
import { EXPORT_FORMATS } from "../../src-shared/contract/upkeep.ts";
import { MESSAGE_FIELDS } from "../../src-shared/record.ts";
import { STATUSES } from "../../src-shared/status.ts";
import { openLogger } from "../support/ledger.ts";

type Row = Record<string, unknown>;

const T0 = Date.UTC(2026, 0, 31, 9);

async function filled(): Promise<MessageLogger> {
  const logger = await openLogger();
  await logger.beginSession({ session_id: "s", channel: "email", metadata: { campaign: 1 }, started_ts: T0 });
  await logger.logMessages(
    Array.from({ length: 1_203 }, (_, index) => ({
      session_id: index % 2 === 0 ? "s" : `t${index % 30}`,
      channel: index % 3 === 0 ? "email" : "sms",
      status: STATUSES[index % STATUSES.length],
      origin_ts: T0 + index * 60_000,
      topic: `topic ${index}`,
      destination_subject_ids: [index % 7 === 5 ? `unreachable${index}` : `r${index % 200}`],
      error_message: index % 7 === 5 ? "no route" : null,
      message_data: { index, nested: { list: [1, "two", null] } },
    })),
  );
  for (let index = 0; index < 5; index += 1)
    await logger.logSystemEvent({
      component: "test",
      message: `event ${index}`,
      details: { index },
      level: "warning",
    });
  return logger;
}

/** An export's rows as objects again, with JSON cells of CSV read. */
function parse(text: string, format: ExportFormat): Row[] {
  if (format === "json") return JSON.parse(text) as Row[];
  if (format === "ndjson") {
    return text
      .trim()
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Row);
  }
  const { data } = Papa.parse<Record<string, string>>(text.replace(/^\ufeff/, ""), {
    header: true,
    skipEmptyLines: true,
  });
  return data;
}

/** A value as a cell of CSV shows it. */
function cell(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function asCells(row: Row): Record<string, string> {
  return Object.fromEntries(Object.entries(row).map(([key, value]) => [key, cell(value)]));
}

describe.each(EXPORT_FORMATS)("an export as %s", (format) => {
  it("is what the lists show", { timeout: 30_000 }, async () => {
    const logger = await filled();
    const same = (text: string | null, shown: readonly Row[]): void => {
      const rows = parse(text ?? "", format);
      expect(rows).toEqual(format === "csv" ? shown.map(asCells) : shown);
    };

    const all: Row[] = [];
    for (let cursor: string | null = null; ; ) {
      const page: Awaited<ReturnType<MessageLogger["searchMessages"]>> = await logger.searchMessages({
        limit: 500,
        cursor,
      });
      all.push(...page.messages);
      if (page.next_cursor === null) break;
      cursor = page.next_cursor;
    }
    expect(all).toHaveLength(1_203);
    const progress: [number, number | null][] = [];
    const messages = await logger.exportData({
      format,
      onProgress: (done, total) => progress.push([done, total]),
    });
    expect(messages).toMatchObject({ rows: 1_203, file: null });
    same(messages.text, all);
    expect(progress[0]).toEqual([0, 1_203]);
    expect(progress.at(-1)).toEqual([1_203, 1_203]);

    const q = "status:failed channel:email";
    const found = await logger.searchMessages({ q, limit: 1_000 });
    const filtered = await logger.exportData({ format, filter: q });
    expect(filtered.rows).toBe(found.messages.length);
    expect(filtered.rows).toBeGreaterThan(10);
    same(filtered.text, found.messages);

    const from = new Date(T0 + 60 * 60_000).toISOString();
    const to = new Date(T0 + 120 * 60_000).toISOString();
    const period = await logger.exportData({ format, from, to });
    same(
      period.text,
      all.filter(({ origin_ts }) => String(origin_ts) >= from && String(origin_ts) < to),
    );
    expect(period.rows).toBe(60);

    const { sessions } = await logger.read("sessions.list", { text: "", limit: 1_000, days: null });
    same((await logger.exportData({ format, what: "sessions" })).text, sessions);
    const { recipients } = await logger.read("sessions.undelivered", { session_id: "s", limit: 1_000 });
    expect(recipients.length).toBeGreaterThan(0);
    same((await logger.exportData({ format, what: "undelivered", session_id: "s" })).text, recipients);
    const { logs } = await logger.read("systemLogs.list", { text: "event", limit: 1_000, level: "warning" });
    expect(logs).toHaveLength(5);
    same(
      (await logger.exportData({ format, what: "system_logs", text: "event", level: "warning" })).text,
      logs,
    );
    const report = await logger.exportData({ format, what: "report", from, to });
    expect(report.text).toContain("email");
    expect(report.rows).toBeGreaterThan(0);

    // Nothing at all is an export too.
    const nothing = await logger.exportData({ format, filter: "topic:none" });
    expect(nothing.rows).toBe(0);
    expect(parse(nothing.text ?? "", format)).toEqual([]);
    if (format === "csv") expect(nothing.text?.trim()).toBe(MESSAGE_FIELDS.join(","));
  });
});

describe("an export to a file", () => {
  it("has its name only when it is whole", { timeout: 30_000 }, async () => {
    const logger = await filled();
    const out = join(logger.dataDir, "report.csv");
    const files = () => readdirSync(logger.dataDir).filter((name) => name.startsWith("report"));
    for (const when of ["before", "in the middle"]) {
      const controller = new AbortController();
      if (when === "before") controller.abort();
      const onProgress = (done: number): void => {
        if (done > 0) controller.abort();
      };
      await expect(
        logger.exportData({ format: "csv", out, onProgress, signal: controller.signal }),
      ).rejects.toMatchObject({ code: "cancelled" });
      expect(files()).toEqual([]);
    }
    expect(await logger.exportData({ format: "csv", out })).toMatchObject({
      rows: 1_203,
      file: out,
      text: null,
    });
    expect(files()).toEqual(["report.csv"]);
    expect(parse(readFileSync(out, "utf8"), "csv")).toHaveLength(1_203);
  });

  it("is refused where what it should hold is not clear", async () => {
    const logger = await openLogger();
    await expect(logger.exportData({ format: "csv", filter: "status:gone" })).rejects.toMatchObject({
      code: "invalid",
    });
    await expect(logger.exportData({ format: "csv", from: "soon" })).rejects.toMatchObject({
      code: "invalid",
    });
    await expect(logger.exportData({ format: "xml" as never })).rejects.toMatchObject({ code: "invalid" });
    await expect(logger.exportData({ format: "csv", what: "undelivered" })).rejects.toMatchObject({
      code: "invalid",
    });
    await expect(
      logger.exportData({ format: "csv", what: "undelivered", session_id: "none" }),
    ).rejects.toMatchObject({ code: "not_found" });
  });

  it("takes no more memory for more rows", { timeout: 60_000 }, async () => {
    const logger = await openLogger();
    const text = "x".repeat(20_000);
    // 60 MB in all, of which a chunk may hold 1,000 rows.
    await logger.logMessages(
      Array.from({ length: 3_000 }, (_, index) => ({ message_data: { index, text } })),
    );
    global.gc?.();
    const before = process.memoryUsage.rss();
    let most = 0;
    let bytes = 0;
    for await (const chunk of logger.exportChunks({ format: "ndjson" })) {
      bytes += chunk.text.length;
      most = Math.max(most, chunk.text.length);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(bytes).toBeGreaterThan(60_000_000);
    expect(most).toBeLessThan(8_000_000);
    expect(process.memoryUsage.rss() - before).toBeLessThan(150_000_000);
  });
});

it("the report is also an HTML page; nothing else is", { timeout: 60_000 }, async () => {
  const logger = await openLogger();
  await logger.logMessage({ channel: "<b>shop</b>", status: "sent" }).accepted;
  const { text, rows } = await logger.exportData({ what: "report", format: "html", days: 7 });
  expect(rows).toBe(1);
  expect(text).toMatch(/^<!doctype html>[\s\S]*&lt;b&gt;shop&lt;\/b&gt;[\s\S]*<\/html>\n$/);
  for (const what of ["messages", "sessions", "system_logs"] as const) {
    await expect(logger.exportData({ what, format: "html" })).rejects.toMatchObject({
      code: "invalid",
      message: expect.stringContaining("html is for the report only"),
    });
  }
});
