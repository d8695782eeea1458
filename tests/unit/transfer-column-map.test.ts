import { expect, it } from "vitest";
import { parseMap } from "../../src-main/transfer/column-map.ts";
import { WaybillError } from "../../src-shared/errors.ts";

it.each([
  ["text=content_preview,category=topic", { text: "content_preview", category: "topic" }],
  [" text = content_preview , category = topic ", { text: "content_preview", category: "topic" }],
  ["First name, last name=topic", { "First name, last name": "topic" }],
  ["a=b=topic", { "a=b": "topic" }],
  ["größe=topic,", { größe: "topic" }],
])("reads %j", (text, map) => {
  expect(parseMap(text)).toEqual(map);
});

it.each([
  ["", "must be written as"],
  ["text", '"text" is not'],
  ["text=topic,category", '"category" is not'],
  ["=topic", "must be written as"],
  ["text=subject", "which is no field; there are message_uuid"],
  ["a=topic,b=topic", "from more than one column"],
  ["a=topic,a=channel", "names a column twice"],
])("refuses %j", (text, message) => {
  expect(() => parseMap(text)).toThrow(WaybillError);
  expect(() => parseMap(text)).toThrow(message);
});
