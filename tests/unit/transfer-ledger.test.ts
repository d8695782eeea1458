import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { MessageLogger } from "../../src-main/ledger/message-logger.ts";
import { EXPORT_FORMATS } from "../../src-shared/contract/upkeep.ts";
import { formatTime } from "../../src-shared/time.ts";
import { NOW, temporaryDirectory, temporaryFile } from "./transfer-recorder.ts";

async function openLedger(): Promise<MessageLogger> {
  const ledger = await MessageLogger.open({ dataDir: await temporaryDirectory() });
  onTestFinished(() => ledger.close());
  return ledger;
}

const long = "Long and 日本語 🚀 ".repeat(30);

it("imports a file, and again only brings duplicates", { timeout: 60_000 }, async () => {
  const ledger = await openLedger();
  const rows = Array.from(
    { length: 2_500 },
    (_, index) => `"Where is my card, £${index % 50}?",card_arrival`,
  );
  const file = await temporaryFile(
    "questions.csv",
    `text,category\n${rows.join("\n")}\n"${long}",long\n,\nx,y,z\n`,
  );
  const map = { text: "content_preview", category: "topic" };
  const first = await ledger.importData(file, { map, channel: "chat" });
  expect(first).toEqual({
    rows: 2_502,
    accepted: 2_501,
    duplicates: 0,
    rejected: 1,
    rejects_file: `${file}.rejects.csv`,
  });
  expect(await readFile(`${file}.rejects.csv`, "utf8")).toContain("x,y,z,has 3 cells");
  expect(await ledger.importData(file, { map, channel: "chat" })).toMatchObject({
    accepted: 2_501,
    duplicates: 2_501,
  });
  const { messages } = await ledger.searchMessages({ q: "topic:long" });
  expect(messages.map((message) => message.message_data)).toEqual([{ text: long }]);
});

it.each(EXPORT_FORMATS)(
  "brings an export as %s to another ledger unchanged",
  { timeout: 60_000 },
  async (format) => {
    const [from, to] = [await openLedger(), await openLedger()];
    await from.logMessages([
      {
        content_preview: "=1+1",
        topic: "'+x",
        origin_ts: formatTime(NOW),
        message_data: { nested: [{ a: null }] },
      },
      {
        channel: "sms",
        status: "failed",
        error_message: "two\r\nlines",
        session_id: "s1",
        origin_ts: formatTime(NOW),
      },
      {
        destination_subject_ids: ["+491701234567", "a;b@example.com"],
        source_subject_id: "+4930",
        origin_ts: NOW,
      },
    ]);
    const file = join(await temporaryDirectory(), `export.${format}`);
    await from.exportData({ format, out: file });
    expect(await to.importData(file)).toMatchObject({ rows: 3, accepted: 3, rejected: 0 });
    const all = async (ledger: MessageLogger) => {
      const { messages } = await ledger.searchMessages();
      return messages.toSorted((a, b) => a.message_uuid.localeCompare(b.message_uuid));
    };
    expect(await all(to)).toEqual(await all(from));
  },
);
