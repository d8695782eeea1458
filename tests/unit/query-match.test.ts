import { expect, test } from "vitest";
import { probeIndex } from "../../src-main/ledger/query-sql.ts";
import { compileMatcher } from "../../src-shared/query/match.ts";
import { fillLedger, find, message, NOW, openLedger, read, reasonOf } from "./query-fixtures.ts";

const REASON = reasonOf({ error_message: "Connection to 10.0.0.7:587 timed out" });

const MESSAGES = {
  mail: message({
    message_uuid: "0198c0de-7000-7000-8000-00000000000a",
    session_id: "S1",
    status: "delivered",
    origin_ts: NOW - 3_600_000,
    sent_ts: NOW - 3_599_000,
    delivered_ts: NOW - 3_590_000,
    source_subject_id: "billing@shop.example",
    destination_subject_ids: '["anna@mail.example","bob.lee@mail.example"]',
    topic: "Orders",
    template_id: "T-7",
    template_name: "Über uns",
    content_preview: "Grüße aus Köln, your order has shipped",
    message_data:
      '{"order":42,"paid":true,"note":null,"tags":["new","VIP"],"lines":[{"sku":"A1"},{"sku":"B2"}],"größe":"XL"}',
  }),
  text: message({
    message_uuid: "0198c0de-7000-7000-8000-00000000000b",
    session_id: "S10",
    user_id: "Anna",
    channel: "sms",
    status: "failed",
    origin_ts: NOW - 86_400_000,
    sent_ts: NOW - 86_399_500,
    destination_subject_ids: '["+49170"]',
    message_type: "reminder",
    external_id: "SM_77",
    error_message: "Connection to 10.0.0.1:25 timed out",
    content_preview: "明日の会議は10時から 🎉",
    message_metadata: '{"host":{"name":"web-1"},"order":"42"}',
  }),
  bare: message({
    message_uuid: "0198c0df-7000-7000-8000-00000000000c",
    topic: "orders late",
    status: "sending",
  }),
};

type Name = keyof typeof MESSAGES;
const database = openLedger();
const NAMES = Object.keys(MESSAGES) as Name[];

test.each<[string, Name[]]>([
  ["", ["mail", "text", "bare"]],
  ["ORDER", ["mail"]],
  ["order*", ["mail", "bare"]],
  ["orde", []],
  ['"order has"', ["mail"]],
  ['"has order"', []],
  ['"order has ship"*', ["mail"]],
  ["grusse koln", ["mail"]],
  ["GRÜSSE", ["mail"]],
  ["gruße", ["mail"]],
  ["会議", ["text"]],
  ["議会", []],
  ["会議は1", []],
  ["会議は10時", ["text"]],
  ["🎉", ["text"]],
  ["uber", ["mail"]],
  ["SM_77", ["text"]],
  ["10.0.0.1:25", ["text"]],
  ["-order", ["text", "bare"]],
  ["orders -late", ["mail"]],
  ["shipped OR reminder", ["mail", "text"]],
  ["-(shipped OR reminder)", ["bare"]],
  ["-shipped OR late", ["text", "bare"]],
  ["-shipped -reminder", ["bare"]],
  // Phrases stay within one value, and one column.
  ['"shipped orders"', []],
  ['"anna mail example bob"', []],
  ["to:anna", ["mail"]],
  ["to:bob.lee@mail.example", ["mail"]],
  ['to:"example bob"', []],
  ["to:bo*", ["mail"]],
  ["to:+49170", ["text"]],
  ["to:shop", []],
  ["from:shop", ["mail"]],
  ["-from:shop", ["text", "bare"]],
  ['error:"timed out"', ["text"]],
  ["error:reminder", []],
  ["status:failed", ["text"]],
  ["status:success", ["mail"]],
  ["status:waiting", ["bare"]],
  ["-status:failed", ["mail", "bare"]],
  ["status:failed OR status:sending", ["text", "bare"]],
  ["channel:SMS", ["text"]],
  ["channel:sms,email", ["mail", "text", "bare"]],
  ["channel:em*", ["mail", "bare"]],
  ["-channel:em*", ["text"]],
  ["topic:ORDERS", ["mail"]],
  ["topic:orders*", ["mail", "bare"]],
  ["topic:*", ["mail", "bare"]],
  ["-topic:orders", ["text", "bare"]],
  ["type:Reminder", ["text"]],
  ["template:t-7", ["mail"]],
  ['template:"über UNS"', ["mail"]],
  ['template:"u\u0308ber uns"', ["mail"]],
  ["template:ÜB*", ["mail"]],
  ["template:ub*", []],
  ["session:S1", ["mail"]],
  ["session:s1", []],
  ["session:S1*", ["mail", "text"]],
  ["-session:S1", ["text", "bare"]],
  ["user:Anna", ["text"]],
  ["user:anna", []],
  ["uuid:0198C0DE*", ["mail", "text"]],
  ["uuid:0198c0df-7000-7000-8000-00000000000C", ["bare"]],
  ["external:SM_77", ["text"]],
  [`reason:${REASON}`, ["text"]],
  [`-reason:${REASON}`, ["mail", "bare"]],
  ["has:error", ["text"]],
  ["has:session", ["mail", "text"]],
  ["has:template", ["mail"]],
  ["has:recipient", ["mail", "text"]],
  ["has:external", ["text"]],
  ["has:data", ["mail"]],
  ["has:sent", ["mail", "text"]],
  ["has:delivered", ["mail"]],
  ["-has:delivered", ["text", "bare"]],
  ["has:read", []],
  ["latency>9s", ["mail"]],
  ["latency>=500ms", ["mail", "text"]],
  ["latency<=500ms", ["text"]],
  ["latency<500ms", []],
  ["-latency>=0ms", ["bare"]],
  ["after:1h", ["mail", "bare"]],
  ["before:1h", ["text"]],
  ["before:24h", []],
  ["after:24h before:1m", ["mail", "text"]],
  ["after:2026-01-31", ["mail", "bare"]],
  ["data.order:42", ["mail"]],
  ["data.order:42.0", ["mail"]],
  ["data.order:4", []],
  ["data.order:4*", ["mail"]],
  ["meta.order:42", ["text"]],
  ["data.ORDER:42", []],
  ["data.paid:TRUE", ["mail"]],
  ["data.note:null", ["mail"]],
  ["data.note:*", ["mail"]],
  ["-data.note:*", ["text", "bare"]],
  ["data.tags:vip", ["mail"]],
  ["data.tags.1:vip", ["mail"]],
  ["data.tags.0:vip", []],
  ["data.lines.sku:b2", ["mail"]],
  ["data.lines.1.sku:b2", ["mail"]],
  ["data.lines.0.sku:b2", []],
  ["data.lines:*", ["mail"]],
  ["data.lines:x", []],
  ["data.größe:xl", ["mail"]],
  ["data.toString:*", []],
  ["data.__proto__:*", []],
  ["meta.host.name:WEB-1", ["text"]],
  ["meta.host:*", ["text"]],
  ["shipped status:failed", []],
  ["shipped OR status:failed", ["mail", "text"]],
  ["-(shipped status:delivered)", ["text", "bare"]],
  ["(shipped OR channel:sms) -data.order:42", ["text"]],
  ["(orders (late channel:email)) status:sending", ["bare"]],
])("%s", (text, expected) => {
  const query = read(text);
  const matches = compileMatcher(query);
  expect(NAMES.filter((name) => matches(MESSAGES[name]))).toEqual(expected);

  for (const indexed of [0, 2, 3]) {
    fillLedger(database, Object.values(MESSAGES), indexed);
    for (const probe of [undefined, probeIndex(database), () => "slow" as const]) {
      const found = find(database, query, probe).map((seq) => NAMES[seq - 1]);
      expect(found, `${indexed} rows indexed`).toEqual(expected);
    }
  }
});

test("rows that some other program spoiled match nothing and fail nothing", () => {
  const spoiled = message({ message_data: "{", destination_subject_ids: "{" });
  fillLedger(database, [spoiled], 0);
  for (const text of ["data.a:*", "to:a", "a"]) {
    expect(compileMatcher(read(text))(spoiled)).toBe(false);
    expect(find(database, read(text))).toEqual([]);
  }
});
