import type { IncomingMessage } from "node:http";
import { expect, test } from "vitest";
import { assertOwnHostAndOrigin } from "../../src-main/http/host-guard.ts";

const PORT = 8001;

function check(
  headers: Record<string, string>,
  boundTo = "127.0.0.1",
  shown: { covers: (name: string) => boolean } | null = null,
): string {
  const request = { headers, socket: { localPort: PORT } } as unknown as IncomingMessage;
  try {
    assertOwnHostAndOrigin(request, boundTo, shown);
    return "taken";
  } catch (error) {
    return (error as { code: string }).code;
  }
}

test.each(["127.0.0.1:8001", "localhost:8001", "LOCALHOST:8001", "127.8.9.1:8001", "[::1]:8001"])(
  "%s is a name of ours",
  (host) => {
    expect(check({ host })).toBe("taken");
  },
);

test.each([
  "",
  "127.0.0.1",
  "127.0.0.1:8002",
  "evil.example:8001",
  "localhost.evil.example:8001",
  "127.0.0.1.evil.example:8001",
  "10.0.0.7:8001",
  "user@127.0.0.1:8001",
  "127.0.0.1:8001/x",
  "[::1",
])("%s is not", (host) => {
  expect(check({ host })).toBe("forbidden");
});

test("a host bound to a name answers to it, one bound to all addresses to any address but no name", () => {
  expect(check({ host: "waybill.lan:8001" }, "waybill.lan")).toBe("taken");
  expect(check({ host: "other.lan:8001" }, "waybill.lan")).toBe("forbidden");
  expect(check({ host: "10.0.0.7:8001" }, "0.0.0.0")).toBe("taken");
  expect(check({ host: "[fe80::1]:8001" }, "::")).toBe("taken");
  expect(check({ host: "evil.example:8001" }, "0.0.0.0")).toBe("forbidden");
});

test("a name that its certificate is for is its own, and its origin is https", () => {
  const shown = { covers: (name: string) => name === "waybill.example" };
  const host = "waybill.example:8001";
  expect(check({ host }, "10.0.0.7", shown)).toBe("taken");
  expect(check({ host }, "10.0.0.7")).toBe("forbidden");
  expect(check({ host: "evil.example:8001" }, "10.0.0.7", shown)).toBe("forbidden");
  expect(check({ host, origin: `https://${host}` }, "10.0.0.7", shown)).toBe("taken");
  expect(check({ host, origin: `http://${host}` }, "10.0.0.7", shown)).toBe("forbidden");
});

test("only its own origin is taken", () => {
  const host = "127.0.0.1:8001";
  expect(check({ host, origin: "http://127.0.0.1:8001" })).toBe("taken");
  for (const origin of [
    "null",
    "https://127.0.0.1:8001",
    "http://localhost:8001",
    "http://127.0.0.1:8002",
    "http://evil.example",
  ]) {
    expect(check({ host, origin })).toBe("forbidden");
  }
});

test("what a browser marks as from elsewhere is refused, unless someone followed a link", () => {
  const host = "127.0.0.1:8001";
  expect(check({ host, "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors" })).toBe("taken");
  expect(check({ host, "sec-fetch-site": "none", "sec-fetch-mode": "navigate" })).toBe("taken");
  expect(check({ host, "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" })).toBe("taken");
  expect(check({ host, "sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors" })).toBe("forbidden");
  expect(check({ host, "sec-fetch-site": "cross-site", "sec-fetch-mode": "cors" })).toBe("forbidden");
});
