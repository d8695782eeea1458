import { describe, expect, test } from "vitest";
import { routeOfLink } from "../../src-main/desktop/rules/deep-links.ts";
import { externalLink, linkForNewWindow, mayNavigate } from "../../src-main/desktop/rules/links.ts";
import { isGranted } from "../../src-main/desktop/rules/permissions.ts";
import { isTrustedSender } from "../../src-main/desktop/rules/trusted-sender.ts";
import { uiFile } from "../../src-main/desktop/rules/ui-file.ts";

describe("links for the system's browser", () => {
  test.each([
    ["https://example.com/a?b=1#c", "https://example.com/a?b=1#c"],
    ["http://127.0.0.1:8001/docs", "http://127.0.0.1:8001/docs"],
    ["HTTPS://EXAMPLE.com", "https://example.com/"],
  ])("%s opens", (address, opened) => {
    expect(externalLink(address)).toBe(opened);
  });

  test.each([
    "file:///etc/passwd",
    "javascript:alert(1)",
    "data:text/html,x",
    "smb://server/share",
    "ms-msdt:/id",
    "waybill://message/1",
    "app://waybill/",
    "https://user:password@example.com/",
    "https://user@example.com/",
    "//example.com/",
    "example.com",
    "",
    `https://example.com/${"a".repeat(2_048)}`,
  ])("%s does not", (address) => {
    expect(externalLink(address)).toBeNull();
  });

  test("the API's own pages open where the API answers, and only then", () => {
    expect(linkForNewWindow("app://waybill/docs", "http://127.0.0.1:8001")).toBe(
      "http://127.0.0.1:8001/docs",
    );
    expect(linkForNewWindow("app://waybill/openapi.json", "http://127.0.0.1:8001")).toBe(
      "http://127.0.0.1:8001/openapi.json",
    );
    expect(linkForNewWindow("app://waybill/docs", "")).toBeNull();
    expect(linkForNewWindow("app://waybill/messages", "http://127.0.0.1:8001")).toBeNull();
    expect(linkForNewWindow("https://example.com/", "")).toBe("https://example.com/");
  });
});

test.each([
  ["app://waybill/", true],
  ["app://waybill/messages?q=a#b", true],
  ["app://evil/", false],
  ["app://waybill.evil/", false],
  ["app://user@waybill/", false],
  ["app://waybill:80/", false],
  ["https://waybill/", false],
  ["file:///index.html", false],
  ["about:blank", false],
  ["not an address", false],
])("the window may navigate to %s: %s", (address, allowed) => {
  expect(mayNavigate(address)).toBe(allowed);
});

describe("who may speak over IPC", () => {
  const url = "app://waybill/messages";
  test("the main frame of a window of ours that shows the UI", () => {
    expect(isTrustedSender({ url, parent: null }, true)).toBe(true);
  });
  test.each([
    ["a frame inside of it", { url, parent: {} }, true],
    ["another page", { url: "https://example.com/", parent: null }, true],
    ["a blank page", { url: "about:blank", parent: null }, true],
    ["another window", { url, parent: null }, false],
    ["a frame that is gone", null, true],
  ])("not %s", (_who, frame, isOwnWindow) => {
    expect(isTrustedSender(frame, isOwnWindow)).toBe(false);
  });
});

test("only the clipboard can be written, and only by the UI", () => {
  expect(isGranted("clipboard-sanitized-write", "app://waybill/")).toBe(true);
  expect(isGranted("clipboard-sanitized-write", "https://example.com/")).toBe(false);
  for (const permission of ["clipboard-read", "notifications", "media", "geolocation", "openExternal", "usb"])
    expect(isGranted(permission, "app://waybill/")).toBe(false);
});

describe("waybill:// links", () => {
  test.each([
    [
      "waybill://message/019a0000-0000-7000-8000-000000000001",
      "/messages?message=019a0000-0000-7000-8000-000000000001",
    ],
    ["waybill://session/s-1/", "/sessions/s-1"],
    ["waybill://session/a%2Fb%20c", "/sessions/a%2Fb%20c"],
    ["waybill://message/a%26q=b", "/messages?message=a%26q%3Db"],
  ])("%s leads to %s", (link, route) => {
    expect(routeOfLink(link)).toBe(route);
  });

  test.each([
    "waybill://settings/x",
    "waybill://message/",
    "waybill://message",
    "waybill://session/a/b",
    "waybill://session/%2e%2e",
    "waybill://session/%zz",
    "waybill:message/1",
    "https://message/1",
    "",
  ])("%s leads nowhere", (link) => {
    expect(routeOfLink(link)).toBeNull();
  });
});

describe("files of the UI", () => {
  const root = "/app/dist/renderer";
  const index = { path: `${root}/index.html`, mediaType: "text/html; charset=utf-8" };
  test.each(["app://waybill/", "app://waybill/messages?q=x", "app://waybill/sessions/batch.2026"])(
    "%s is the page",
    (address) => {
      expect(uiFile(root, address)).toEqual(index);
    },
  );
  test("what is built has its type", () => {
    expect(uiFile(root, "app://waybill/assets/index-1.js")).toEqual({
      path: `${root}/assets/index-1.js`,
      mediaType: "text/javascript; charset=utf-8",
    });
  });
  test.each([
    "app://waybill/assets/%2e%2e/%2e%2e/main/cli.js",
    "app://waybill/assets/..%2f..%2fmain/cli.js",
    "app://waybill/assets/..%5c..%5cmain",
    "app://waybill/assets/a%00.js",
    "app://waybill/assets/.env",
    "app://waybill/assets/a.exe",
    "app://waybill/%zz",
    "app://other/assets/index-1.js",
    "file:///app/dist/renderer/index.html",
  ])("%s is none", (address) => {
    expect(uiFile(root, address)?.path.startsWith(`${root}/assets/`) ?? false).toBe(false);
    expect(uiFile(root, address)?.path ?? index.path).toBe(index.path);
  });
});
