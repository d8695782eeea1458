import { describe, expect, it } from "vitest";
import { register } from "../../src-shared/contract/define.ts";
import { EVENTS, PROCEDURES } from "../../src-shared/contract/index.ts";
import { ERROR_STATUS } from "../../src-shared/errors.ts";

describe("the contract", () => {
  it("takes each name once: a second one throws and does not hide the first", () => {
    expect(register({ "a.one": 1 }, { "a.two": 2 })).toEqual({ "a.one": 1, "a.two": 2 });
    expect(() => register({ "a.one": 1 }, { "a.one": 2 })).toThrow("a.one is registered twice");
  });

  it("gives every procedure its input, output and known error codes", () => {
    for (const [name, { input, output, errors }] of Object.entries(PROCEDURES)) {
      expect(input.safeParse, name).toBeTypeOf("function");
      expect(output.safeParse, name).toBeTypeOf("function");
      for (const code of errors) expect(ERROR_STATUS, name).toHaveProperty(code);
    }
    expect(Object.keys(EVENTS)).toContain("message.changed");
  });
});
