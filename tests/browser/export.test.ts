import type { MessageRecord } from "../../src-shared/record.ts";
import { exportFile, readCsv } from "./support/exported-file.ts";
import { expectFile } from "./support/files.ts";
import { expect, test } from "./support/fixtures.ts";
import { expectMessages } from "./support/messages-grid.ts";

const Q = "status:failed channel:email";
const PATH = `/messages?${new URLSearchParams({ q: Q })}`;

test.describe("export of messages", () => {
  test("CSV has the rows that are shown, in their order", async ({ open, demoHost }) => {
    const { messages } = await demoHost.call("messages.search", { q: Q, limit: 1000 });
    const page = await open(demoHost, PATH);
    await expectMessages(page, messages.length);
    const { name, text } = await exportFile(page, demoHost, "CSV");
    expect(name).toMatch(/\.csv$/);
    const rows = readCsv(text);
    expect(rows.map(({ message_uuid }) => message_uuid)).toEqual(
      messages.map(({ message_uuid }) => message_uuid),
    );
    expect(new Set(rows.map(({ status, channel }) => `${status} ${channel}`))).toEqual(
      new Set(["failed email"]),
    );
    expect(rows[0]?.error_message).toBe(messages[0]?.error_message ?? "");
  });

  test("NDJSON and JSON hold the records whole", async ({ open, demoHost }) => {
    const { messages } = await demoHost.call("messages.search", { q: Q, limit: 1000 });
    const page = await open(demoHost, PATH);
    const lines = (await exportFile(page, demoHost, "NDJSON")).text.trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line) as MessageRecord)).toEqual(messages);
    expect(JSON.parse((await exportFile(page, demoHost, "JSON")).text)).toEqual(messages);
  });

  test("there is no cap: the whole ledger comes out", async ({ open, demoHost }) => {
    const { count } = await demoHost.call("messages.count", {});
    const page = await open(demoHost, "/messages");
    await expectMessages(page, count);
    const lines = (await exportFile(page, demoHost, "NDJSON")).text.trimEnd().split("\n");
    expect(lines).toHaveLength(count);
  });

  test("what a spreadsheet would run as a formula is made inert", async ({ open, host }) => {
    await host.log({ topic: "formula", content_preview: '=HYPERLINK("http://example.com","x")' });
    const page = await open(host, "/messages?q=topic:formula");
    await expectMessages(page, 1);
    const [row] = readCsv((await exportFile(page, host, "CSV")).text);
    expect(row?.content_preview).not.toMatch(/^[=+\-@]/);
    expect(row?.content_preview).toContain("HYPERLINK");
  });

  test("an export goes on while another page is opened", async ({ open, demoHost }) => {
    const page = await open(demoHost, "/messages");
    await page.keyboard.press("e");
    const file = await expectFile(page, demoHost);
    await page.getByRole("button", { name: "Export CSV" }).click();
    await page.keyboard.press("Escape");
    await page.getByRole("link", { name: "Settings" }).click();
    const rows = readCsv((await file()).text);
    expect(rows).toHaveLength((await demoHost.call("messages.count", {})).count);
  });
});
