import fc from "fast-check";
import { expect, it } from "vitest";
import { createFormatter } from "../../src-main/transfer/format.ts";
import { importFile } from "../../src-main/transfer/import-file.ts";
import { EXPORT_FORMATS } from "../../src-shared/contract/upkeep.ts";
import { MESSAGE_FIELDS } from "../../src-shared/record.ts";
import { STATUSES } from "../../src-shared/status.ts";
import { madeRecord, Recorder, temporaryFile } from "./transfer-recorder.ts";

// Unpaired surrogates have no UTF-8: no file can hold them.
const anyText = fc.string({ unit: "binary", maxLength: 30 });
const nastyText = fc
  .array(
    fc.constantFrom(
      "'",
      '"',
      "=",
      "+",
      "-",
      "@",
      "\t",
      "\r",
      "\n",
      ",",
      ";",
      " ",
      "1",
      "a",
      "é",
      "＝",
      "\u200b",
      "\ufeff",
    ),
    {
      maxLength: 6,
    },
  )
  .map((parts) => parts.join(""));
const text = fc.oneof(nastyText, anyText);
const time = fc.integer({ min: 0, max: 4_000_000_000_000 });
const json = fc.dictionary(text, fc.oneof(text, fc.jsonValue({ maxDepth: 2 })), { maxKeys: 3 });

const record = fc
  .record({
    message_uuid: fc.uuid(),
    session_id: text,
    user_id: text,
    channel: text,
    status: fc.constantFrom(...STATUSES),
    origin_ts: time,
    sent_ts: fc.option(time),
    delivered_ts: fc.option(time),
    read_ts: fc.option(time),
    ack_ts: fc.option(time),
    source_subject_id: text,
    destination_subject_ids: fc.array(text, { maxLength: 3 }),
    topic: text,
    message_type: text,
    template_id: text,
    template_name: text,
    external_id: text,
    error_message: text,
    content_preview: text,
    message_data: json,
    message_metadata: json,
    revision: fc.integer({ min: 1, max: 1_000_000 }),
  })
  .map(madeRecord);

it.each(EXPORT_FORMATS)("what is exported as %s comes back the same", { timeout: 60_000 }, async (format) => {
  const records = fc.uniqueArray(record, { minLength: 1, maxLength: 8, selector: (one) => one.message_uuid });
  await fc.assert(
    fc.asyncProperty(records, async (rows) => {
      const formatter = createFormatter(format, MESSAGE_FIELDS);
      const file = await temporaryFile(
        `export.${format}`,
        formatter.begin() + formatter.rows(rows) + formatter.end(),
      );
      const ledger = new Recorder();
      const result = await importFile(ledger, file);
      expect(result).toMatchObject({ rows: rows.length, rejected: 0 });
      expect(ledger.records).toEqual(rows);
    }),
    { numRuns: 300 },
  );
});
