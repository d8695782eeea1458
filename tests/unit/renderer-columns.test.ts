import { describe, expect, it } from "vitest";
import {
  chosenColumns,
  DEFAULT_CHOICE,
  gridTemplate,
  MAX_COLUMN_WIDTH,
  MIN_COLUMN_WIDTH,
  readChoice,
  withColumn,
  withColumnsOnly,
  withWidth,
} from "../../src-renderer/pages/messages/columns.ts";

const keys = (choice = DEFAULT_CHOICE) => chosenColumns(choice).map(({ key }) => key);

describe("the chosen columns", () => {
  it("are the usual ones at first", () => {
    expect(keys()).toEqual([
      "time",
      "status",
      "channel",
      "recipient",
      "preview",
      "template",
      "session",
      "latency",
      "error",
    ]);
  });

  it("keep the table's order, whenever they were chosen", () => {
    const choice = withColumn(withColumn(DEFAULT_CHOICE, "uuid", true), "status", false);
    expect(keys(choice)).not.toContain("status");
    expect(keys(choice).at(-1)).toBe("uuid");
    expect(keys(withColumn(choice, "status", true))[1]).toBe("status");
  });
});

describe("widths", () => {
  it("stay within bounds", () => {
    expect(withWidth(DEFAULT_CHOICE, "time", 3).widths.time).toBe(MIN_COLUMN_WIDTH);
    expect(withWidth(DEFAULT_CHOICE, "time", 9_999).widths.time).toBe(MAX_COLUMN_WIDTH);
  });

  it("fill the table, whichever columns may still grow", () => {
    expect(gridTemplate(chosenColumns(DEFAULT_CHOICE), DEFAULT_CHOICE)).toContain("3fr");
    const fixed = (["preview", "error", "recipient"] as const).reduce(
      (choice, key) => withWidth(choice, key, 200),
      DEFAULT_CHOICE,
    );
    expect(gridTemplate(chosenColumns(fixed), fixed)).toMatch(/ 1fr$/);
  });
});

describe("the columns of a saved view", () => {
  it("are the only ones, in the table's order, optional ones too", () => {
    expect(keys(withColumnsOnly(DEFAULT_CHOICE, ["uuid", "time", "later"]))).toEqual(["time", "uuid"]);
  });

  it("that this Waybill has none of leave the table as it was", () => {
    expect(withColumnsOnly(DEFAULT_CHOICE, ["later"])).toBe(DEFAULT_CHOICE);
  });
});

describe("a stored choice", () => {
  it("comes back as it was", () => {
    const choice = withWidth(withColumn(DEFAULT_CHOICE, "topic", true), "topic", 300);
    expect(readChoice(JSON.parse(JSON.stringify(choice)))).toEqual(choice);
  });

  it("is read as far as it makes sense", () => {
    expect(readChoice(null)).toEqual(DEFAULT_CHOICE);
    expect(
      readChoice({ hidden: ["nothing", "error"], shown: 7, widths: { time: "wide", error: -5 } }),
    ).toEqual({
      hidden: ["error"],
      shown: [],
      widths: { error: MIN_COLUMN_WIDTH },
    });
  });
});
