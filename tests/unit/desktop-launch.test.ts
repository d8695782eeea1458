import { describe, expect, test } from "vitest";
import { closeAction } from "../../src-main/desktop/rules/closing.ts";
import { CrashWatch } from "../../src-main/desktop/rules/crash.ts";
import {
  canSandbox,
  launchRequest,
  ownArguments,
  startArguments,
} from "../../src-main/desktop/rules/launch.ts";
import { placeWindow } from "../../src-main/desktop/rules/window-bounds.ts";

describe("what the arguments ask for", () => {
  const nothing = { route: null, files: [], hidden: false, dataDir: "" };
  test("a development run has the app's folder before its own", () => {
    expect(ownArguments(["electron", "/app", "a.csv"], false)).toEqual(["a.csv"]);
    expect(ownArguments(["/opt/Waybill/waybill", "a.csv"], true)).toEqual(["a.csv"]);
  });
  test.each([
    [[], nothing],
    [["--hidden"], { ...nothing, hidden: true }],
    [["waybill://session/s-1"], { ...nothing, route: "/sessions/s-1" }],
    [["waybill://nothing/s-1"], nothing],
    [["list.csv"], { ...nothing, files: ["/home/me/list.csv"] }],
    [["/tmp/A.NDJSON", "b.jsonl"], { ...nothing, files: ["/tmp/A.NDJSON", "/home/me/b.jsonl"] }],
    [["file:///tmp/a%20b.json"], { ...nothing, files: ["/tmp/a b.json"] }],
    [["--data-dir", "data", "x.csv"], { ...nothing, dataDir: "/home/me/data", files: ["/home/me/x.csv"] }],
    [["--data-dir=/data"], { ...nothing, dataDir: "/data" }],
    [["--data-dir"], nothing],
    [["--allow-file-access-from-files", "--original-process-start-time=1", "run.exe"], nothing],
    [["--", "a.csv"], { ...nothing, files: ["/home/me/a.csv"] }],
  ])("%j", (args, request) => {
    expect(launchRequest(args, "/home/me")).toEqual(request);
  });
});

describe("where the window opens", () => {
  const laptop = { x: 0, y: 25, width: 1_440, height: 875 };
  const monitor = { x: 1_440, y: 0, width: 2_560, height: 1_440 };
  test("the first time in the middle, no larger than the screen", () => {
    expect(placeWindow(null, [laptop])).toEqual({ width: 1_280, height: 840 });
    expect(placeWindow(null, [{ x: 0, y: 0, width: 1_024, height: 600 }])).toEqual({
      width: 1_024,
      height: 600,
    });
  });
  test("where it was", () => {
    const last = { x: 1_600, y: 100, width: 1_500, height: 1_000 };
    expect(placeWindow(last, [laptop, monitor])).toEqual(last);
  });
  test("in the middle of the first screen when its own is gone", () => {
    expect(placeWindow({ x: 1_600, y: 100, width: 2_000, height: 1_200 }, [laptop])).toEqual({
      width: 1_440,
      height: 875,
    });
  });
  test("within reach: its title bar is never above the screen", () => {
    expect(placeWindow({ x: 10, y: 0, width: 800, height: 600 }, [laptop])).toEqual({
      x: 10,
      y: 25,
      width: 800,
      height: 600,
    });
    expect(placeWindow({ x: 10, y: -400, width: 800, height: 600 }, [laptop])).toEqual({
      width: 800,
      height: 600,
    });
    expect(placeWindow({ x: 1_400, y: 100, width: 800, height: 600 }, [laptop])).not.toHaveProperty("x");
  });
  test("sizes that make no sense are mended, and it opens without any screen", () => {
    expect(placeWindow({ x: 0, y: 30, width: 1, height: 1 }, [laptop])).toMatchObject({
      width: 480,
      height: 400,
    });
    expect(placeWindow(null, [])).toEqual({ width: 1_280, height: 840 });
  });
});

test.each([
  [{ quitting: true, choice: "ask" }, "close"],
  [{ quitting: true, choice: "tray" }, "close"],
  [{ quitting: false, choice: "ask" }, "ask"],
  [{ quitting: false, choice: "tray" }, "hide"],
  [{ quitting: false, choice: "quit" }, "quit"],
] as const)("closing the window with %j: %s", (state, action) => {
  expect(closeAction(state)).toBe(action);
});

test("a window is reloaded after a crash, but not when it crashes again and again", () => {
  const watch = new CrashWatch();
  expect([0, 10_000, 20_000].map((now) => watch.mayReload(now))).toEqual([true, true, false]);
  expect(watch.mayReload(200_000)).toBe(true);
});

test.each([
  ["linux", 1000, true],
  ["linux", 0, false],
  ["darwin", 0, true],
  ["win32", undefined, true],
] as const)("on %s as user %s the sandbox can be had: %s", (platform, userId, expected) => {
  expect(canSandbox(platform, userId)).toBe(expected);
});

test("at login the same program is started on the same data folder", () => {
  expect(startArguments(["electron", "/app", "a.csv"], false, "")).toEqual(["/app"]);
  expect(startArguments(["/opt/Waybill/waybill", "a.csv"], true, "/data")).toEqual(["--data-dir", "/data"]);
});
