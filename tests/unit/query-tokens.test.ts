import { describe, expect, test } from "vitest";
import { indexedColumns, tokenize } from "../../src-shared/query/tokens.ts";
import { message, openLedger } from "./query-fixtures.ts";

describe("tokenize", () => {
  test.each([
    ["Hello, World! 2nd_try", ["hello", "world", "2nd", "try"]],
    ["anna.lee+x@example.com", ["anna", "lee", "x", "example", "com"]],
    ["", []],
    [" – ; \t", []],
    ["Grüße an Łódź", ["grusse", "an", "lodz"]],
    ["STRASSE Straße STRAẞE", ["strasse", "strasse", "strasse"]],
    ["Résumé re\u0301sume\u0301", ["resume", "resume"]],
    ["İstanbul ISTANBUL ıstanbul", ["istanbul", "istanbul", "istanbul"]],
    ["ΟΔΟΣ οδός", ["οδοσ", "οδοσ"]],
    ["ﬁn ① ½ Ａｂｃ", ["fin", "1", "1", "2", "abc"]],
    ["会議は10時", ["会", "議", "は", "10", "時"]],
    ["ﾊﾟｰﾄ", ["ハ", "ー", "ト"]],
    ["abc漢字def", ["abc", "漢", "字", "def"]],
    ["ขอบคุณ", ["ข", "อ", "บ", "ค", "ณ"]],
    ["𠀀𠀁", ["𠀀", "𠀁"]],
    ["Привет, Ёлка", ["привет", "елка"]],
    ["\ud800 lone", ["lone"]],
  ])("%j", (text, tokens) => {
    expect(tokenize(text)).toEqual(tokens);
  });

  test("Korean is cut at its spaces, and whole syllables stay together", () => {
    expect(tokenize("새 메시지").map((token) => token.normalize("NFC"))).toEqual(["새", "메시지"]);
  });

  test("a pictograph is a token, whatever its skin tone", () => {
    expect(tokenize("👍🏽")).toHaveLength(1);
    expect(tokenize("👍🏽")).toEqual(tokenize("👍"));
    expect(tokenize("a🎉b")).toHaveLength(3);
    expect(tokenize("🇩🇪")).not.toEqual(tokenize("🇪🇩"));
    expect(tokenize("© 2026")).toEqual(["2026"]);
  });

  test("tokens stay as they are when they are cut again", () => {
    for (const text of ["Grüße 会議 🎉 Łódź ½", "ᏣᎳᎩ ꭰ Ⴀ ⴀ", "ŉ ǆ ΐ ﬀ"]) {
      const tokens = tokenize(text);
      expect(tokenize(tokens.join(" "))).toEqual(tokens);
    }
  });
});

describe("indexedColumns", () => {
  test("gives each column the words of its fields", () => {
    const columns = indexedColumns(
      message({
        content_preview: "Dear Anna",
        topic: "Orders",
        template_id: "t-1",
        error_message: "Timed out!",
        destination_subject_ids: '["anna@x.example","Bob"]',
        source_subject_id: "Shop",
      }),
    );
    expect(columns).toEqual({
      body: "dear anna \u{e000} orders \u{e000} t 1",
      error: "timed out",
      recipients: "anna x example \u{e000} bob",
      sender: "shop",
      facts: expect.stringMatching(/^\u{e001}[0-9a-z]+$/u),
    });
  });

  test.each(["[]", "no JSON", '{"a":1}', "[null]", "[1]"])("takes recipients of %j", (recipients) => {
    const columns = indexedColumns(message({ destination_subject_ids: recipients }));
    expect(columns.recipients).toBe({ "[null]": "null", "[1]": "1" }[recipients] ?? "");
  });

  test("no text can give the token that stands between values", () => {
    expect(tokenize("a \u{e000} b")).toEqual(["a", "b"]);
  });
});

const database = openLedger();

test("FTS5 keeps every token of every character as it is", () => {
  database.exec("CREATE VIRTUAL TABLE temp.words USING fts5vocab (main, message_search, instance)");
  const insert = database.prepare("INSERT INTO message_search (rowid, body) VALUES (?, ?)");
  const expected = new Map<number, string[]>();
  database.transaction(() => {
    for (let block = 0; block < 0x11_0000; block += 256) {
      const characters = Array.from({ length: 256 }, (_, index) =>
        String.fromCodePoint(block + index),
      ).filter((character) => /[\p{L}\p{M}\p{N}\p{So}]/u.test(character));
      if (characters.length === 0) continue;
      const tokens = characters.flatMap((character) => tokenize(`x${character}y`));
      expected.set(block, tokens);
      insert.run(block, tokens.join(" "));
    }
    insert.run(-1, "\u{e000}");
    expected.set(-1, ["\u{e000}"]);
  })();
  const kept = new Map<number, string[]>();
  const rows = database.prepare("SELECT doc, term, offset FROM words").raw().iterate();
  for (const [doc, term, offset] of rows as Iterable<[number, string, number]>) {
    const tokens = kept.get(doc) ?? [];
    tokens[offset] = term;
    kept.set(doc, tokens);
  }
  for (const [block, tokens] of expected) expect(kept.get(block)).toEqual(tokens);
});
