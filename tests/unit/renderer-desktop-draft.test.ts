import { expect, test } from "vitest";
import { readDesktopDraft, toDesktopDraft } from "../../src-renderer/pages/settings/desktop-draft.ts";
import { preferenceChangesSchema, preferencesSchema } from "../../src-shared/desktop-bridge.ts";

const saved = preferencesSchema.parse({});
const read = (changes: object) => readDesktopDraft({ ...toDesktopDraft(saved), ...changes }, saved);

test("a draft that was not touched changes nothing", () => {
  expect(read({})).toEqual({ changes: {}, errors: null });
});

test("only what differs is changed, as the desktop app takes it", () => {
  const { changes } = read({ on_close: "tray", http_port: " 9000 ", notify_disk_low: false });
  expect(changes).toEqual({ on_close: "tray", http_port: 9_000, notify_disk_low: false });
  expect(preferenceChangesSchema.parse(changes)).toEqual(changes);
});

test.each(["", "0", "65536", "80.5", "-1", "http"])("the port %j is none", (http_port) => {
  expect(read({ http_port })).toMatchObject({
    changes: null,
    errors: { http_port: "Write a port from 1 to 65535.", failure_percent: null },
  });
});

test.each(["", "0", "101", "x"])("%j is no share of failures", (failure_percent) => {
  expect(read({ failure_percent }).errors?.failure_percent).toBe("Write a whole number from 1 to 100.");
});
