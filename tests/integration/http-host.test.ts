import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Host, startHost } from "./support/host.ts";
import { eventually, outcomeOf, runWaybill, spawnWaybill, temporaryFolder } from "./support/waybill.ts";

async function uuidsIn(dataDir: string): Promise<Set<string>> {
  const { stdout } = await runWaybill(["export", "--format", "ndjson", "--data-dir", dataDir]);
  const lines = stdout.split("\n").filter(Boolean);
  return new Set(lines.map((line) => (JSON.parse(line) as { message_uuid: string }).message_uuid));
}

test("tells where it listens, in one line of JSON or in words, and ends with 0", async () => {
  const dataDir = await temporaryFolder();
  const child = spawnWaybill(["serve", "--json", "--port", "0", "--data-dir", dataDir]);
  const outcome = outcomeOf(child);
  await eventually(() => readFile(join(dataDir, "token")));
  let told = "";
  child.stdout?.on("data", (text) => {
    told += text;
  });
  await eventually(() => expect(told.split("\n").length).toBeGreaterThan(2));
  child.kill("SIGINT");
  const { code, stdout, stderr } = await outcome;
  expect(code).toBe(0);
  expect(stderr).toBe("");
  expect(JSON.parse(stdout.split("\n")[0] ?? "")).toEqual({
    event: "listening",
    url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    data_dir: dataDir,
    pid: child.pid,
  });

  const plain = spawnWaybill(["serve", "--port", "0", "--data-dir", dataDir]);
  const ended = outcomeOf(plain);
  let words = "";
  plain.stdout?.on("data", (text) => {
    words += text;
  });
  await eventually(() => expect(words).toMatch(/http:\/\/127\.0\.0\.1:\d+\/open\?ticket=/));
  plain.kill("SIGTERM");
  expect((await ended).code).toBe(0);
});

test("a taken port is one line and exit 2", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await eventually(() => expect(server.listening).toBe(true));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const dataDir = await temporaryFolder();
  const { code, stdout, stderr } = await runWaybill(["serve", "--port", String(port), "--data-dir", dataDir]);
  server.close();
  expect(code).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).toMatch(new RegExp(`^waybill: port ${port} .* is taken\\..*\n$`));
});

test.each([
  [["--port", "70000"]],
  [["--port", "x"]],
  [["--host", "203.0.113.7", "--port", "0", "--insecure-bind"]],
  [["--colour"]],
])("serve %j is bad usage", async (args) => {
  const { code, stderr } = await runWaybill(["serve", "--data-dir", await temporaryFolder(), ...args]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/^waybill: .+\n$/);
});

test("off the loopback, where the operator says so, it warns, and answers to an address but to no name", async () => {
  const host = await startHost({ args: ["--host", "0.0.0.0", "--insecure-bind"] });
  expect(host.stderr()).toMatch(/^waybill: .*0\.0\.0\.0.*\n$/);
  expect((await host.request("/messages", { headers: { host: `10.1.2.3:${host.port}` } })).status).toBe(200);
  expect((await host.request("/messages", { headers: { host: `evil.example:${host.port}` } })).status).toBe(
    403,
  );
});

test("two hosts on one ledger share the token, the records and what happens to them", async () => {
  const dataDir = await temporaryFolder();
  const [one, two] = await Promise.all([startHost({ dataDir }), startHost({ dataDir })]);
  expect(one.token).toBe(two.token);
  const heard: string[] = [];
  const socket = await two.connect("/live?q=topic:shared");
  socket.on("message", (data) =>
    heard.push((JSON.parse(String(data)) as { message_uuid: string }).message_uuid),
  );
  await new Promise((done) => setTimeout(done, 300));

  const logged: string[] = [];
  const log = async (host: Host) => {
    for (let count = 0; count < 20; count += 1) {
      const { status, json } = await host.request("/messages", {
        body: [{ topic: "shared" }, { topic: "shared" }],
      });
      expect(status).toBe(202);
      logged.push(...json.message_uuids);
    }
  };
  await Promise.all([log(one), log(two), runWaybill(["health", "--data-dir", dataDir])]);
  const { json } = await one.request("/api/messages.count", { body: { q: "topic:shared" } });
  expect(json.value.count).toBe(80);
  await eventually(() => expect(new Set(heard)).toEqual(new Set(logged)));
  socket.close();
  expect(await one.stop()).toBe(0);
  expect((await two.request(`/messages/${logged[0]}`)).status).toBe(200);
});

test("asked to end under load it settles what is in flight: every accepted record is there", async () => {
  const host = await startHost();
  const accepted: string[] = [];
  const statuses = new Set<number | string>();
  let running = true;
  const send = async () => {
    while (running) {
      try {
        const body = Array.from({ length: 50 }, (_, index) => ({ topic: "load", message_data: { index } }));
        const { status, json } = await host.request("/messages", { body });
        statuses.add(status);
        if (status === 202) accepted.push(...json.message_uuids);
      } catch (error) {
        statuses.add((error as NodeJS.ErrnoException).code ?? "unknown");
        return;
      }
    }
  };
  const senders = Array.from({ length: 8 }, send);
  await eventually(() => expect(accepted.length).toBeGreaterThan(1_000));
  const began = Date.now();
  host.child.kill("SIGTERM");
  expect(await host.stop("SIGINT")).toBe(0);
  expect(Date.now() - began).toBeLessThan(10_000);
  running = false;
  await Promise.all(senders);
  expect(
    [...statuses].filter((status) => ![202, 503, "ECONNREFUSED", "ECONNRESET"].includes(status)),
  ).toEqual([]);
  const kept = await uuidsIn(host.dataDir);
  expect(accepted.filter((uuid) => !kept.has(uuid))).toEqual([]);
});

test("reads .env of the working directory and of the data directory, the first before the second", async () => {
  const [folder, dataDir] = [await temporaryFolder(), await temporaryFolder()];
  await writeFile(join(folder, ".env"), `WAYBILL_DATA_DIR=${dataDir}\n`);
  await writeFile(join(dataDir, ".env"), "LOG_LEVEL=nonsense\n");
  const child = spawnWaybill(["serve", "--json", "--port", "0"], { cwd: folder });
  const outcome = outcomeOf(child);
  let told = "";
  child.stdout?.on("data", (text) => {
    told += text;
  });
  await eventually(() => expect(told).toContain("listening"));
  child.kill("SIGTERM");
  const { stdout, stderr } = await outcome;
  expect(stdout).toContain(JSON.stringify(dataDir));
  expect(stderr).toContain("LOG_LEVEL=nonsense");
});

test("at LOG_LEVEL=debug it logs requests without tokens, tickets or queries", async () => {
  const host = await startHost({ env: { LOG_LEVEL: "debug" } });
  await host.request(host.link.slice(host.url.length), { token: null });
  await host.request("/messages?q=secret-search");
  await eventually(() => expect(host.stderr()).toContain('"path":"/messages"'));
  const ticket = new URL(host.link).searchParams.get("ticket") ?? "";
  for (const secret of [host.token, ticket, "secret-search"]) expect(host.stderr()).not.toContain(secret);
});
