import { expect, test } from "vitest";
import type { Command } from "../../src-renderer/palette/command.ts";
import { matchCommands } from "../../src-renderer/palette/match-commands.ts";

const icon = (() => null) as unknown as Command["icon"];
const commands: readonly Command[] = [
  { id: "backup", label: "Back up now", keywords: "backup save copy", icon, run: () => undefined },
  { id: "theme", label: "Switch to the dark theme", keywords: "light toggle", icon, run: () => undefined },
  { id: "log", label: "System log", icon, run: () => undefined },
];

function match(typed: string): string[] {
  return matchCommands(commands, typed).map(({ id }) => id);
}

test("offers all before anything is typed", () => {
  expect(match("")).toEqual(["backup", "theme", "log"]);
  expect(match("  ")).toEqual(["backup", "theme", "log"]);
});

test("every typed word begins a word of the label or the keywords", () => {
  expect(match("ba")).toEqual(["backup"]);
  expect(match("NOW back")).toEqual(["backup"]);
  expect(match("toggle dark")).toEqual(["theme"]);
  expect(match("log system")).toEqual(["log"]);
});

test("a word inside of another one does not count", () => {
  expect(match("ystem")).toEqual([]);
  expect(match("back nothing")).toEqual([]);
});
