import fc from "fast-check";
import { PARTS } from "../../src-shared/query/ast.ts";
import type { StoredMessage } from "../../src-shared/record.ts";
import { STATUSES } from "../../src-shared/status.ts";
import { message, NOW, reasonOf } from "./query-fixtures.ts";

const WORDS = [
  "order",
  "Ordner",
  "straße",
  "STRASSE",
  "会議",
  "会",
  "議室",
  "timed out",
  "b2",
  "ab",
  "🎉",
  "Über",
  "x",
];
const NAMES = ["email", "EMAIL", "Über", "u\u0308ber", "\u212a", "k", "a,b", "e", "T 1"];
const IDS = ["s1", "s10", "S1", "é", "a@b"];
const KEYS = ["a", "b-c", "0", "größe"];

export const uuid = (index: number): string => `0198c0de-7000-7000-8000-0000000000${10 + index}`;

const { constantFrom: oneOf, option, array } = fc;
const maybe = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | null> => option(values, { freq: 3 });
const texts = array(oneOf(...WORDS), { minLength: 1, maxLength: 4 }).map((words) => words.join(" "));
const scalars = oneOf<unknown>("x", "X", "1", 1, 2.5, true, null, "null", "", "Straße");
const json = fc
  .dictionary(
    oneOf(...KEYS),
    fc.oneof(scalars, array(scalars, { maxLength: 2 }), fc.dictionary(oneOf(...KEYS), scalars)),
  )
  .map((value) => JSON.stringify(value));
const moments = fc.integer({ min: -3, max: 3 }).map((hours) => NOW + hours * 3_600_000);

export const messages: fc.Arbitrary<StoredMessage> = fc
  .record({
    session_id: maybe(oneOf(...IDS)),
    user_id: oneOf(...IDS),
    channel: oneOf(...NAMES),
    status: oneOf(...STATUSES),
    origin_ts: moments,
    sent_ts: maybe(moments),
    delivered_ts: maybe(moments),
    read_ts: maybe(moments),
    source_subject_id: maybe(texts),
    destination_subject_ids: array(texts, { maxLength: 3 }).map((values) => JSON.stringify(values)),
    topic: maybe(oneOf(...NAMES)),
    message_type: maybe(oneOf(...NAMES)),
    template_id: maybe(oneOf(...NAMES)),
    template_name: maybe(oneOf(...NAMES)),
    external_id: maybe(oneOf(...IDS)),
    error_message: maybe(texts),
    content_preview: maybe(texts),
    message_data: json,
    message_metadata: json,
  })
  .map(message);

const quoted = (text: string): string => `"${text}"`;
const star = oneOf("", "", "*");
const valueFrom = (values: readonly string[]) =>
  fc
    .tuple(oneOf(...values), star)
    .map(([value, prefix]) => quoted(value.slice(0, prefix ? 2 : undefined)) + prefix);
const listOf = (values: readonly string[]) =>
  array(valueFrom(values), { minLength: 1, maxLength: 2 }).map((items) => items.join(","));
const words = fc.tuple(texts, star).map(([text, prefix]) => quoted(text) + prefix);
const hours = oneOf("0h", "1h", "90m", "2h");

const leaves = fc.oneof(
  { weight: 4, arbitrary: words },
  fc.tuple(oneOf("to", "from", "error"), words).map(([field, value]) => `${field}:${value}`),
  array(oneOf(...STATUSES, "success", "waiting"), { minLength: 1, maxLength: 2 }).map(
    (list) => `status:${list}`,
  ),
  fc
    .tuple(oneOf("channel", "topic", "type", "template"), listOf(NAMES))
    .map(([field, list]) => `${field}:${list}`),
  fc.tuple(oneOf("session", "user", "external"), valueFrom(IDS)).map(([field, id]) => `${field}:${id}`),
  oneOf(`reason:${reasonOf({ error_message: WORDS[0] ?? "" })}`, "reason:2", "uuid:0198*", `uuid:${uuid(1)}`),
  oneOf(...PARTS).map((part) => `has:${part}`),
  fc.tuple(oneOf("<", "<=", ">", ">="), hours).map(([comparison, amount]) => `latency${comparison}${amount}`),
  fc.tuple(oneOf("before", "after"), hours).map(([field, amount]) => `${field}:${amount}`),
  fc
    .tuple(
      oneOf("data", "meta"),
      array(oneOf(...KEYS), { minLength: 1, maxLength: 2 }),
      fc.oneof(
        fc.constant("*"),
        valueFrom(["x", "1", "1.0", "2.5", "true", "null", "", "STRASSE", "straße"]),
      ),
    )
    .map(([field, path, value]) => `${field}.${path.join(".")}:${value}`),
);

export const queries = fc.letrec<{ query: string }>((tie) => ({
  query: fc.oneof(
    { depthSize: "small" },
    leaves,
    tie("query").map((term) => `-(${term})`),
    array(tie("query"), { minLength: 2, maxLength: 3 }).map((terms) => `(${terms.join(" ")})`),
    array(tie("query"), { minLength: 2, maxLength: 3 }).map((terms) => `(${terms.join(" OR ")})`),
  ),
})).query;
