import { mkdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type ImportOptions, type ImportResult, importFile } from "../../src-main/transfer/import-file.ts";
import { WaybillError } from "../../src-shared/errors.ts";
import type { MessageRecord } from "../../src-shared/record.ts";
import { formatTime } from "../../src-shared/time.ts";
import { NOW, Recorder, temporaryDirectory, temporaryFile } from "./transfer-recorder.ts";

type Imported = ImportResult & { file: string; records: MessageRecord[]; ledger: Recorder };

async function imported(
  name: string,
  content: string | Uint8Array,
  options: ImportOptions = {},
): Promise<Imported> {
  const ledger = new Recorder();
  const file = await temporaryFile(name, content);
  const result = await importFile(ledger, file, options);
  return { ...result, file, ledger, records: ledger.records };
}

function topics({ records }: Imported): (string | null)[] {
  return records.map((record) => record.topic);
}

describe("columns of a file", () => {
  it("fill the fields of their names, and message_metadata with the others", async () => {
    const { records, rejected } = await imported(
      "a.csv",
      [
        "channel,status,origin_ts,destination_subject_ids,message_data,revision,Region,empty",
        'email,Delivered,2026-03-01 09:30,a@example.com; b@example.com,"{""n"":1}",3,EMEA,',
        'sms,sent,1767225600,"[""+491701234567""]",,,,',
        'sms,sent,1767225600000,"+4930,+4940",,,,',
      ].join("\n"),
    );
    expect(rejected).toBe(0);
    expect(records[0]).toMatchObject({
      channel: "email",
      status: "delivered",
      origin_ts: "2026-03-01T09:30:00.000Z",
      destination_subject_ids: ["a@example.com", "b@example.com"],
      message_data: { n: 1 },
      message_metadata: { Region: "EMEA" },
      revision: 3,
    });
    expect(records[1]).toMatchObject({
      origin_ts: "2026-01-01T00:00:00.000Z",
      destination_subject_ids: ["+491701234567"],
      message_metadata: {},
    });
    expect(records[2]).toMatchObject({
      origin_ts: "2026-01-01T00:00:00.000Z",
      destination_subject_ids: ["+4930", "+4940"],
    });
  });

  it("go where the map sends them; the column it displaces is kept as metadata", async () => {
    const { records } = await imported("a.csv", "text,topic\nhello,own\n", {
      map: { text: "topic" },
      channel: "chat",
    });
    expect(records[0]).toMatchObject({ topic: "hello", channel: "chat", message_metadata: { topic: "own" } });
  });

  it("are kept apart when they have one name or none", async () => {
    const { records } = await imported("a.csv", "x,x,,topic\n1,2,3,t\n");
    expect(records[0]?.message_metadata).toEqual({ x: "1", x_2: "2", column_3: "3" });
  });

  it("map in JSON too, and the map may name a member that early records lack", async () => {
    const { records } = await imported("a.json", '[{"n":1},{"n":2,"text":"hello"}]', {
      map: { text: "topic" },
    });
    expect(records.map(({ topic, message_metadata }) => [topic, message_metadata])).toEqual([
      [null, { n: 1 }],
      ["hello", { n: 2 }],
    ]);
  });

  it("that hold JSON as text are read as JSON in every format, as a dump of the table has them", async () => {
    const row = {
      destination_subject_ids: '["a"]',
      message_data: '{"n":1}',
      origin_ts: NOW,
      message_metadata: null,
    };
    const { records } = await imported("a.ndjson", JSON.stringify(row));
    expect(records[0]).toMatchObject({
      destination_subject_ids: ["a"],
      message_data: { n: 1 },
      origin_ts: formatTime(NOW),
    });
  });

  it("take the time of import where there is none", async () => {
    expect((await imported("a.csv", "topic\nx\n")).records[0]?.origin_ts).toBe(formatTime(NOW));
  });

  it("must be fields where the map sends them, which is checked before the file", async () => {
    const ledger = new Recorder();
    await expect(importFile(ledger, "/no/such/file", { map: { text: "subject" } })).rejects.toMatchObject({
      code: "invalid",
      message: expect.stringContaining("no field") as string,
    });
  });

  it.each([
    ["a.csv", "text,category\nx,y\n"],
    ["a.csv", "text,category\n"],
    ["a.json", '[{"text":1,"category":2}]'],
  ])("must be in the file when mapped (%s)", async (name, content) => {
    const attempt = imported(name, content, { map: { body: "content_preview" } });
    await expect(attempt).rejects.toThrow('The file has no column "body"; it has text, category.');
  });
});

describe("a long preview", () => {
  const long = "🚀".repeat(150) + "é".repeat(100);

  it("is cut in the preview and whole in message_data.text", async () => {
    const { records } = await imported("a.csv", `text\n${long}\n`, { map: { text: "content_preview" } });
    expect([...(records[0]?.content_preview ?? "")]).toHaveLength(200);
    expect(records[0]?.message_data).toEqual({ text: long });
  });

  it("does not replace a text that the record has", async () => {
    const line = JSON.stringify({ content_preview: long, message_data: { text: "own" } });
    const { records } = await imported("a.ndjson", line);
    expect(records[0]?.message_data).toEqual({ text: "own", content_preview: long });
  });

  it("stays alone when it fits, counted in code points", async () => {
    const { records } = await imported("a.csv", `content_preview\n${"🚀".repeat(200)}\n`);
    expect(records[0]?.message_data).toEqual({});
  });
});

describe("a row without message_uuid", () => {
  const content = "topic\nsame\nsame\nother\n";

  it("is the same record when the file is imported again, and two equal rows are two", async () => {
    const { ledger, file } = await imported("a.csv", content);
    expect(ledger.messages.size).toBe(3);
    const again = await importFile(ledger, file);
    expect(again).toMatchObject({ rows: 3, accepted: 3, duplicates: 3, rejected: 0 });
    expect(ledger.messages.size).toBe(3);
  });

  it("is another record by another map or channel, so that a wrong import can be put right", async () => {
    const { ledger, file } = await imported("a.csv", content);
    expect((await importFile(ledger, file, { channel: "sms" })).duplicates).toBe(0);
    expect((await importFile(ledger, file, { map: { topic: "content_preview" } })).duplicates).toBe(0);
  });

  it("has the same id whatever the line ends and blanks of the file", async () => {
    const ids = async (name: string, text: string) => [
      ...(await imported(name, text)).ledger.messages.keys(),
    ];
    expect(await ids("a.csv", content.replaceAll("\n", "\r\n"))).toEqual(await ids("a.csv", content));
    expect(await ids("a.json", '[{"topic": "x"}]')).toEqual(await ids("a.json", '[\n  {"topic":"x"}\n]'));
  });
});

describe("text", () => {
  const csv = 'topic,content_preview\r\nGrüße,"two\r\nlines, a ""quote"" and 日本"\r\nb,c\r\n';

  it.each([
    ["UTF-8", Buffer.from(csv)],
    ["UTF-8 with mark", Buffer.from(`\ufeff${csv}`)],
    ["UTF-16 LE", Buffer.from(`\ufeff${csv}`, "utf16le")],
    ["UTF-16 BE", Buffer.from(`\ufeff${csv}`, "utf16le").swap16()],
    ["semicolons", Buffer.from('topic;content_preview\nGrüße;"two\r\nlines, a ""quote"" and 日本"\nb;c\n')],
    ["tabs", Buffer.from('topic\tcontent_preview\nGrüße\t"two\r\nlines, a ""quote"" and 日本"\nb\tc')],
    [
      "CR alone",
      Buffer.from(
        'topic,content_preview\rGrüße,"two\r\nlines, a ""quote"" and 日本"\rb,c\r'.replace("\r\n", "\r"),
      ),
    ],
  ])("is read as %s", async (name, bytes) => {
    const { records, rejected } = await imported("a.csv", bytes);
    expect(rejected).toBe(0);
    const lines = name === "CR alone" ? "two\rlines" : "two\r\nlines";
    expect(records.map((record) => [record.topic, record.content_preview])).toEqual([
      ["Grüße", `${lines}, a "quote" and 日本`],
      ["b", "c"],
    ]);
  });

  it("may end its lines both ways", async () => {
    expect(topics(await imported("a.csv", "topic,x\r\na,1\nb,2\r\nc,3"))).toEqual(["a", "b", "c"]);
  });

  it("may split a character and a record anywhere between two pieces", async () => {
    const rows = Array.from({ length: 9_000 }, (_, index) => `${index}é"日🚀`);
    const csvText = `topic\n${rows.map((row) => `"${row.replace('"', '""')}"`).join("\n")}\n`;
    const jsonText = JSON.stringify(rows.map((topic) => ({ topic })));
    for (let shift = 0; shift < 4; shift += 1) {
      expect(topics(await imported("a.csv", csvText.replace("topic", `topic,${"x".repeat(shift)}`)))).toEqual(
        rows,
      );
      expect(topics(await imported("a.json", " ".repeat(shift) + jsonText))).toEqual(rows);
    }
  });

  it.each([
    ["not UTF-8", Buffer.from("topic\nGr\xfc\xdfe\n", "latin1"), "invalid", "is not UTF-8 text"],
    ["cut in a character", Buffer.from("topic\né").subarray(0, -1), "invalid", "at its end"],
    ["a zip", Buffer.from("PK\x03\x04........"), "invalid", "is not a text file"],
    ["UTF-16 without mark", Buffer.from("topic\nabc\n", "utf16le"), "invalid", "is not a text file"],
    ["empty", Buffer.alloc(0), "invalid", "is empty"],
    ["blank lines only", Buffer.from("\n\n"), "invalid", "no header"],
  ])("that is %s is refused with what to do", async (_name, bytes, code, message) => {
    await expect(imported("a.csv", bytes)).rejects.toThrow(message);
    await expect(imported("a.csv", bytes)).rejects.toMatchObject({ code });
  });

  it("is refused with the line where a quote is not closed, before it fills the memory", async () => {
    const content = `topic,x\na,b\n"open,${"x,y\n".repeat(1_200_000)}`;
    await expect(imported("a.csv", content)).rejects.toThrow("The row on line 3 does not end");
  });
});

describe("a file that can't be opened", () => {
  it("is missing, or a directory", async () => {
    const directory = await temporaryDirectory();
    const attempt = (file: string) => importFile(new Recorder(), file);
    await expect(attempt(join(directory, "none.csv"))).rejects.toMatchObject({ code: "not_found" });
    await expect(attempt(directory)).rejects.toMatchObject({ code: "invalid" });
    await expect(attempt(directory)).rejects.toBeInstanceOf(WaybillError);
  });
});

describe("the format", () => {
  it.each([
    ["a.csv", "topic\nx\n"],
    ["a.TSV", "topic\ty\nx\t1\n"],
    ["data", "topic\nx\n"],
    ["a.json", '[{"topic":"x"}]'],
    ["a.json", '{"topic":"x"}'],
    ["a.json", '\ufeff {\n "topic": "x"\n}\n'],
    ["a.json", '{"topic":"x"}\n{"bad\n'],
    ["a.ndjson", '{"topic":"x"}\n\n'],
    ["a.jsonl", '[{"topic":"x"}]'],
    ["data", '{"topic":"x"}\n'],
    ["data", '\n[\n{"topic":"x"}]'],
  ])("of %s with %j is found out", async (name, content) => {
    expect(topics(await imported(name, content))).toEqual(["x"]);
  });

  it("is the one told", async () => {
    expect(topics(await imported("a.txt", '{"topic":"x"}', { format: "ndjson" }))).toEqual(["x"]);
    expect(topics(await imported("a.json", "topic\nx\n", { format: "csv" }))).toEqual(["x"]);
  });

  it.each(["topic\nx\n", '"text"', "12"])("JSON must hold records, %j does not", async (content) => {
    await expect(imported("a.json", content)).rejects.toThrow("not JSON with records");
  });

  it.each([
    ["a.csv", "topic,channel\r\n"],
    ["a.json", "[\n]\n"],
    ["a.ndjson", "\n"],
  ])("may be without rows: %s", async (name, content) => {
    expect(await imported(name, content)).toMatchObject({ rows: 0, accepted: 0, rejects_file: null });
  });
});

describe("bad rows", () => {
  it("of CSV go to the rejects file with their columns, reason and line", async () => {
    const content = [
      "topic,status,message_data",
      "a,sent,{}",
      '"=two\nlines",bounced,',
      "",
      "b,sent,nonsense",
      ",,",
      "c,sent,{},extra",
      "d,sent,,,",
      'e,"sen"t,',
    ].join("\n");
    const result = await imported("a.csv", content);
    expect(topics(result)).toEqual(["a", "d"]);
    expect(result).toMatchObject({
      rows: 6,
      accepted: 2,
      rejected: 4,
      rejects_file: `${result.file}.rejects.csv`,
    });
    const lines = (await readFile(`${result.file}.rejects.csv`, "utf8")).split("\r\n");
    expect(lines[0]).toBe("topic,status,message_data,reason,line");
    expect(lines[1]).toMatch(/^"'=two\nlines",bounced,,.*status.*,3$/);
    expect(lines[2]).toBe("b,sent,nonsense,message_data: is not a JSON object,6");
    expect(lines[3]).toBe("c,sent,{},extra,has 4 cells where the header names 3 columns,8");
    expect(lines[4]).toMatch(/^e,.*quote.*,10$/);
  });

  it("of NDJSON go there as they are", async () => {
    const result = await imported(
      "a.ndjson",
      '{"topic":"a"}\n{"topic":\n[1]\n\n{"status":"bounced"}\n{"topic":"b"}',
    );
    expect(topics(result)).toEqual(["a", "b"]);
    const lines = (await readFile(`${result.file}.rejects.csv`, "utf8")).split("\r\n");
    expect(lines[0]).toBe("raw,reason,line");
    expect(lines[1]).toMatch(/^"{""topic"":",.*is not JSON.*,2$/);
    expect(lines[2]).toBe("[1],is not a JSON object,3");
    expect(lines[3]).toMatch(/,5$/);
  });

  it("of a JSON array do not end it", async () => {
    const content =
      '[\n{"topic":"a"},\n{"topic":nope},\n7,\n{"topic":"b","x":"]}\\",["},\n\n{"topic":"c"}\n]\n';
    const result = await imported("a.json", content);
    expect(topics(result)).toEqual(["a", "b", "c"]);
    const lines = (await readFile(`${result.file}.rejects.csv`, "utf8")).split("\r\n");
    expect(lines[1]).toMatch(/is not JSON.*,3$/);
    expect(lines[2]).toBe("7,is not a JSON object,4");
  });

  it("tell that a JSON array was cut off or goes on behind its end", async () => {
    const reasons = async (content: string) => {
      const result = await imported("a.json", content);
      return readFile(result.rejects_file ?? "", "utf8");
    };
    expect(await reasons('[{"topic":"a"},{"topic":')).toContain("may have been cut off");
    expect(await reasons('[{"topic":"a"}] more')).toContain("is not part of a record");
  });

  it("go to the file that is named, never to the one that is read", async () => {
    const rejectsFile = join(await temporaryDirectory(), "bad.csv");
    const result = await imported("a.csv", "status\nbounced\n", { rejectsFile });
    expect(result.rejects_file).toBe(rejectsFile);
    await expect(importFile(new Recorder(), rejectsFile, { rejectsFile })).rejects.toMatchObject({
      code: "invalid",
    });
  });

  it("end the import when they can't be kept", async () => {
    const rejectsFile = join(await temporaryDirectory(), "taken");
    await mkdir(rejectsFile);
    await expect(imported("a.csv", "status\nbounced\n", { rejectsFile })).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining(rejectsFile) as string,
    });
  });

  it("leave no file when there are none", async () => {
    const result = await imported("a.csv", "topic\nx\n");
    await expect(stat(`${result.file}.rejects.csv`)).rejects.toMatchObject({ code: "ENOENT" });
  });
});

describe("a long import", () => {
  const many = `topic\n${Array.from({ length: 20_000 }, (_, index) => `row ${index}`).join("\n")}\n`;

  it("tells how far it is", async () => {
    const seen: [number, number][] = [];
    await imported("a.csv", many, { onProgress: (done, total) => seen.push([done, total]) });
    expect(seen.at(-1)).toEqual([many.length, many.length]);
    expect(seen.length).toBeGreaterThan(2);
    expect(seen.map(([done]) => done)).toEqual(seen.map(([done]) => done).toSorted((a, b) => a - b));
  });

  it("can be stopped; what is in stays, and again brings the rest", async () => {
    const ledger = new Recorder();
    const file = await temporaryFile("a.csv", many);
    const stop = new AbortController();
    const onProgress = () => stop.abort();
    await expect(importFile(ledger, file, { signal: stop.signal, onProgress })).rejects.toMatchObject({
      code: "cancelled",
    });
    const before = ledger.messages.size;
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThan(20_000);
    expect(await importFile(ledger, file)).toMatchObject({ rows: 20_000, duplicates: before });
    expect(ledger.messages.size).toBe(20_000);
  });

  it("ends with the ledger's error, after what was under way", async () => {
    let calls = 0;
    const ledger = new Recorder();
    const failing = {
      logMessages(list: readonly unknown[]) {
        calls += 1;
        if (calls === 3)
          return Promise.reject(new WaybillError("cannot_accept", "The disk is full: free some space."));
        return ledger.logMessages(list);
      },
    };
    const file = await temporaryFile("a.csv", many);
    await expect(importFile(failing, file)).rejects.toMatchObject({ code: "cannot_accept" });
    expect(ledger.messages.size).toBeLessThan(20_000);
  });

  it("lets the event loop have a turn between any thousand rows", async () => {
    let turns = 0;
    let next = setImmediate(function count() {
      turns += 1;
      next = setImmediate(count);
    });
    const recorder = new Recorder();
    const turnOf: number[] = [];
    const ledger = {
      logMessages(list: readonly unknown[]) {
        expect(list.length).toBeLessThanOrEqual(1_000);
        turnOf.push(turns);
        return recorder.logMessages(list);
      },
    };
    await importFile(ledger, await temporaryFile("a.csv", `topic\n${"x\n".repeat(50_000)}`));
    clearImmediate(next);
    expect(turnOf).toHaveLength(50);
    expect(new Set(turnOf).size).toBe(50);
  });
});
