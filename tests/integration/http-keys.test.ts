import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { ROUTE_SCOPES, SCOPES, type Scope, suffices } from "../../src-main/api/scopes.ts";
import { type Host, startHost } from "./support/host.ts";
import { eventually, runWaybill } from "./support/waybill.ts";

const UUID = "0198c0de-7000-7000-8000-000000000001";

async function createKey(dataDir: string, name: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runWaybill(["keys", "create", name, "--data-dir", dataDir, ...args]);
  expect(code, stderr).toBe(0);
  expect(stdout).toMatch(/^wb_[0-9a-f]{12}_[\w-]{43}\n$/);
  return stdout.trim();
}

let host: Host;
const keyOf = {} as Record<Scope, string>;
beforeAll(async () => {
  host = await startHost({ env: { LOG_LEVEL: "trace" } });
  for (const scope of SCOPES) keyOf[scope] = await createKey(host.dataDir, `${scope} key`, "--scope", scope);
});

const call = (route: string, token: string) => {
  const [method = "", url = ""] = route.split(" ");
  const path = url.replace(":uuid", UUID).replace(/:\w+/, "nobody");
  return host.request(path, { method, token, ...(method === "GET" ? {} : { body: {} }) });
};

describe("scopes", () => {
  const refused = Object.entries(ROUTE_SCOPES).flatMap(([route, needed]) =>
    SCOPES.filter((scope) => !suffices([scope], needed)).map((scope) => ({ route, needed, scope })),
  );
  test.each(refused)("$scope is not enough for $route", async ({ route, needed, scope }) => {
    const answer = await call(route, keyOf[scope]);
    expect(answer.status).toBe(403);
    expect(answer.json.error.code).toBe("forbidden");
    expect(answer.json.error.message).toContain(`needs ${needed}`);
    expect(answer.headers["www-authenticate"]).toContain(`scope="${needed}"`);
    if (route.includes("/api/")) expect(answer.json.ok).toBe(false);
  });

  const allowed = Object.entries(ROUTE_SCOPES).filter(([, needed]) => needed !== "admin");
  test.each(allowed)("%s is open to a key with %s", async (route, needed) => {
    expect([401, 403]).not.toContain((await call(route, keyOf[needed])).status);
  });

  test("admin may do what the token may", async () => {
    for (const scope of ["read", "write"] as const)
      expect((await call("POST /api/settings.set", keyOf[scope])).status).toBe(403);
    expect((await call("POST /api/settings.set", keyOf.admin)).status).toBe(200);
    expect((await call("GET /messages", keyOf.admin)).status).toBe(200);
    expect((await call("GET /docs", keyOf.read)).status).toBe(200);
    expect((await call("GET /docs", keyOf.write)).status).toBe(403);
    expect((await call("POST /nowhere", keyOf.read)).status).toBe(404);
  });

  test("of several each counts", async () => {
    const both = await createKey(host.dataDir, "both", "--scope", "read,write");
    const sent = await host.request("/messages", { token: both, body: { topic: "by both" } });
    expect(sent.status).toBe(202);
    expect((await host.request(`/messages/${sent.json.message_uuids[0]}`, { token: both })).status).toBe(200);
    expect((await call("POST /api/settings.set", both)).status).toBe(403);
  });

  test("health has details for who may read", async () => {
    const details = async (token: string | null) =>
      "data_dir" in (await host.request("/health", { token })).json;
    expect(await details(keyOf.read)).toBe(true);
    expect(await details(keyOf.write)).toBe(false);
    expect(await details(null)).toBe(false);
  });

  test("live is for who may read", async () => {
    const socket = await host.connect("/live", { token: keyOf.read });
    socket.close();
    await expect(host.connect("/live", { token: keyOf.write })).rejects.toMatchObject({ status: 403 });
  });
});

describe("a key", () => {
  test("is taken as X-API-Key too, and so is the token", async () => {
    for (const key of [keyOf.read, host.token]) {
      const answer = await host.request("/messages", { token: null, headers: { "x-api-key": key } });
      expect(answer.status).toBe(200);
    }
    const wrong = { "x-api-key": `${keyOf.read.slice(0, -2)}xx` };
    const answer = await host.request("/messages", { token: null, headers: wrong });
    expect(answer.status).toBe(401);
    expect(answer.headers["www-authenticate"]).toContain('error="invalid_token"');
    expect(answer.json.error.message).toContain("waybill keys create");
  });

  test("that expires is refused from then on", async () => {
    const key = await createKey(host.dataDir, "brief", "--scope", "read", "--expires", "2s");
    expect((await host.request("/messages", { token: key })).status).toBe(200);
    await eventually(async () => {
      const answer = await host.request("/messages", { token: key });
      expect(answer.status).toBe(401);
      expect(answer.json.error.message).toContain('"brief" expired at');
    });
    const past = ["keys", "create", "past", "--scope", "read", "--expires", "2020-01-01"];
    expect((await runWaybill([...past, "--data-dir", host.dataDir])).code).toBe(2);
  });

  test("that is revoked ends at once, and closes the socket it opened", async () => {
    const key = await createKey(host.dataDir, "leaver", "--scope", "read");
    const socket = await host.connect("/live", { token: key });
    const closed = new Promise<number>((resolve) => socket.on("close", (code) => resolve(code)));
    expect((await runWaybill(["keys", "revoke", "leaver", "--data-dir", host.dataDir])).code).toBe(0);
    expect((await host.request("/messages", { token: key })).status).toBe(401);
    expect(await closed).toBe(1008);
    expect((await runWaybill(["keys", "revoke", "leaver", "--data-dir", host.dataDir])).code).toBe(1);
  });

  test("with a limit gets 429 and when to come again; others go on", async () => {
    const key = await createKey(host.dataDir, "slow", "--scope", "read", "--rate", "3/min");
    const answers = [];
    for (let count = 0; count < 5; count += 1) answers.push(await host.request("/messages", { token: key }));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429, 429]);
    const last = answers.at(-1);
    expect(last?.json.error).toMatchObject({ code: "rate_limited" });
    expect(Number(last?.headers["retry-after"])).toBeGreaterThan(0);
    expect(Number(last?.headers["retry-after"])).toBeLessThanOrEqual(60);
    expect((await host.request("/messages", { token: keyOf.read })).status).toBe(200);
  });

  test("is listed with its last use, and without its secret", async () => {
    await eventually(async () => {
      const { stdout } = await runWaybill(["keys", "list", "--json", "--data-dir", host.dataDir]);
      const { keys } = JSON.parse(stdout) as { keys: { name: string; last_used_ts: string | null }[] };
      expect(keys.find(({ name }) => name === "read key")?.last_used_ts).toEqual(expect.any(String));
      expect(stdout).not.toContain(keyOf.read);
    });
    const { stdout } = await runWaybill(["keys", "list", "--data-dir", host.dataDir]);
    expect(stdout).toMatch(/NAME .*SCOPES/);
    expect(stdout).toMatch(/read key +read/);
  });

  test.each([
    [["keys"]],
    [["keys", "create", "x"]],
    [["keys", "create", "x", "--scope", "root"]],
    [["keys", "create", "x", "--scope", "read", "--rate", "0/min"]],
    [["keys", "create", "x", "--scope", "read", "--expires", "soon"]],
  ])("%j is bad usage", async (args) => {
    const { code, stderr } = await runWaybill([...args, "--data-dir", host.dataDir]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^waybill: .+\n$/);
  });
});

test("the system log tells what was done to keys; no log and no file has a secret", async () => {
  const { json } = await host.request("/system_logs?text=key");
  const messages = json.logs.map(({ message }: { message: string }) => message);
  expect(messages).toContain('The key "read key" was created: it may read.');
  expect(messages).toContain('The key "leaver" was revoked.');
  const files = await readdir(host.dataDir, { recursive: true, withFileTypes: true });
  const texts = await Promise.all(
    files.filter((file) => file.isFile()).map((file) => readFile(join(file.parentPath, file.name), "latin1")),
  );
  expect(texts.length).toBeGreaterThan(3);
  for (const key of Object.values(keyOf)) {
    const secret = key.split("_").slice(2).join("_");
    for (const text of [...texts, host.stderr(), JSON.stringify(json)])
      expect(text.includes(secret)).toBe(false);
  }
});

test("the description names the keys, and the scope of each route", async () => {
  const { json } = await host.request("/openapi.json", { token: keyOf.read });
  expect(json.components.securitySchemes.key).toMatchObject({
    type: "apiKey",
    in: "header",
    name: "X-API-Key",
  });
  expect(json.paths["/messages"].post.security).toEqual([{ token: ["write"] }, { key: ["write"] }]);
  expect(json.paths["/events"].get.security).toEqual([{ token: ["read"] }, { key: ["read"] }]);
  expect(json.paths["/events/types"]).toBeDefined();
  expect(json.paths["/history/{user_id}"]).toBeDefined();
  expect(json.paths["/health"].get.security).toEqual([]);
});
