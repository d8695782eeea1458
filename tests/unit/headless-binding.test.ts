import { expect, test } from "vitest";
import { addressOf, openBinding } from "../../src-main/headless/binding.ts";

test.each(["127.0.0.1", "localhost", "::1", "127.8.9.1"])("%s needs no certificate", async (host) => {
  expect(await openBinding({ host, insecureBind: false })).toBeNull();
});

test.each(["0.0.0.0", "::", "10.0.0.7", "waybill.lan"])("%s does, or the operator's word", async (host) => {
  await expect(openBinding({ host, insecureBind: false })).rejects.toThrow("--insecure-bind");
  expect(await openBinding({ host, insecureBind: true })).toBeNull();
});

test("the address that is told is one that the certificate is for", () => {
  const of = (...names: string[]) => ({
    covers: (host: string) => names.includes(host),
    name: names[0] ?? null,
  });
  expect(addressOf("0.0.0.0", 8001, null)).toBe("http://127.0.0.1:8001");
  expect(addressOf("::1", 8001, null)).toBe("http://[::1]:8001");
  expect(addressOf("0.0.0.0", 8001, of("waybill.example"))).toBe("https://waybill.example:8001");
  expect(addressOf("10.0.0.7", 8001, of("waybill.example", "10.0.0.7"))).toBe("https://10.0.0.7:8001");
  expect(addressOf("10.0.0.7", 8001, of())).toBe("https://10.0.0.7:8001");
});
