import { describe, expect, test } from "vitest";
import { completeQuery } from "../../src-shared/query/complete.ts";
import { FIELD_NAMES } from "../../src-shared/query/fields.ts";
import { parseQuery } from "../../src-shared/query/parse.ts";
import { NOW } from "./query-fixtures.ts";

const VOCABULARY = {
  channels: ["email", "sms", "whatsapp"],
  templates: ["Welcome mail", "Reminder", "Wöchentlich"],
  topics: ["orders"],
  types: ["notice"],
  sessions: ["S-1", "S-2"],
};

/** A `|` in the text is the cursor. */
function complete(marked: string) {
  const cursor = marked.indexOf("|");
  const text = marked.replace("|", "");
  const { from, to, options } = completeQuery(text, cursor, VOCABULARY);
  return {
    labels: options.map(({ label }) => label),
    details: options.map(({ detail }) => detail),
    texts: options.map(({ insert }) => text.slice(0, from) + insert + text.slice(to)),
  };
}

test("an empty field offers all fields, each with a few words", () => {
  const { labels, details } = complete("|");
  expect(labels).toEqual(FIELD_NAMES);
  expect(details.every((detail) => detail !== "")).toBe(true);
});

describe("completes", () => {
  test.each<[string, string[]]>([
    ["sta|", ["status:"]],
    ["hello -STA|", ["hello -status:"]],
    ["(ses| OR b)", ["(session: OR b)"]],
    ["da|", ["data."]],
    ["lat|", ["latency>"]],
    ["fai|", ["status:failed"]],
    ["wha|", ["channel:whatsapp"]],
    ["st|x:failed", ["status:failed"]],
    ["status:fa|", ["status:failed"]],
    ["status:f|oo bar", ["status:failed bar"]],
    ["status:failed,ca|", ["status:failed,cancelled"]],
    ["status:fa|,read", ["status:failed,read"]],
    ["status:succ|", ["status:success"]],
    ["has:se|", ["has:session", "has:sent"]],
    ["CHANNEL:E|", ["CHANNEL:email"]],
    ["template:wel|", ['template:"Welcome mail"']],
    ['template:"wel|', ['template:"Welcome mail"']],
    ["template:WÖ|", ["template:Wöchentlich"]],
    ["template:mail|", ['template:"Welcome mail"']],
    ["session:|", ["session:S-1", "session:S-2"]],
    ["topic:|", ["topic:orders"]],
    ["type:n|", ["type:notice"]],
    ["after:7|", ["after:7d"]],
    [
      "latency:|",
      ["latency:>1s", "latency:>5s", "latency:>30s", "latency:>1m", "latency:>5m", "latency:>1h"],
    ],
    ["latency>3|", ["latency>30s"]],
    ["user:a|", []],
    ["data.a:x|", []],
    ['"sta|', []],
    ['"a sta|', []],
    ["zzz|", []],
  ])("%s", (text, expected) => {
    expect(complete(text).texts).toEqual(expected);
  });

  test("what it offers for has: can be read", () => {
    for (const text of complete("has:|").texts) expect(parseQuery(text, NOW).ok).toBe(true);
  });

  test("the group of statuses says what is in it", () => {
    expect(complete("status:success|").details).toEqual(["sent, delivered, read"]);
  });

  test("a cursor outside of the text is at its nearest end", () => {
    expect(completeQuery("sta", 99, VOCABULARY)).toMatchObject({ from: 0, to: 3 });
    expect(completeQuery("sta", -1, VOCABULARY)).toMatchObject({ from: 0, to: 3 });
  });
});
