import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { Input, Output, ProcedureName } from "../../src-shared/contract/index.ts";
import type { Job } from "../../src-shared/contract/upkeep.ts";
import { type Host, startHost } from "./support/host.ts";
import { eventually, temporaryFolder } from "./support/waybill.ts";

let host: Host;
beforeAll(async () => {
  host = await startHost();
  const records = Array.from({ length: 50 }, (_, index) => ({
    session_id: "s",
    status: index % 2 === 0 ? "delivered" : "failed",
    destination_subject_ids: [`user${index}`],
  }));
  await host.request("/messages", { body: records });
});

async function call<N extends ProcedureName>(to: Host, name: N, input: Input<N>): Promise<Output<N>> {
  const { json } = await to.request(`/api/${name}`, { body: input });
  expect(json).toMatchObject({ ok: true });
  return json.value as Output<N>;
}

function ended(to: Host, { job_id }: Job): Promise<Job> {
  return eventually(async () => {
    const { jobs } = await call(to, "jobs.list", {});
    const job = jobs.find((each) => each.job_id === job_id);
    if (job === undefined || job.state === "running") throw new Error("The job has not ended");
    return job;
  });
}

describe("an export", () => {
  test("is written to a private file, fetched once, and gone then", async () => {
    const job = await ended(
      host,
      await call(host, "jobs.export", { format: "json", filter: "status:failed" }),
    );
    expect(job).toMatchObject({ state: "done", done: 25, unit: "rows" });
    expect(job.file_name).toMatch(/^waybill-messages-.*\.json$/);
    const [file] = await readdir(join(host.dataDir, "exports"));
    if (process.platform !== "win32") {
      expect((await stat(join(host.dataDir, "exports", file ?? ""))).mode & 0o777).toBe(0o600);
    }
    const fetched = await host.request(`/api/exports/${job.job_id}`);
    expect(fetched.status).toBe(200);
    expect(fetched.headers["content-disposition"]).toContain(job.file_name);
    expect(fetched.json).toHaveLength(25);
    expect((await host.request(`/api/exports/${job.job_id}`)).status).toBe(404);
    await eventually(async () => expect(await readdir(join(host.dataDir, "exports"))).toEqual([]));
  });

  test("of those who did not get it names its session; a filter or session that is not right is told at once", async () => {
    const job = await ended(host, await call(host, "jobs.export", { what: "undelivered", session_id: "s" }));
    expect((await host.request(`/api/exports/${job.job_id}`)).text.trim().split("\r\n")).toHaveLength(26);
    const status = async (body: object) => (await host.request("/api/jobs.export", { body })).status;
    expect(await status({ what: "undelivered" })).toBe(422);
    expect(await status({ what: "undelivered", session_id: "nobody" })).toBe(404);
    expect(await status({ filter: "channel:" })).toBe(422);
    expect((await host.request("/api/exports/nothing")).status).toBe(404);
  });
});

describe("an import", () => {
  const upload = (query: string, body: string) =>
    host.request(`/api/import?${query}`, { body, headers: { "content-type": "application/octet-stream" } });

  test("takes a file, and offers the rows that it rejected", async () => {
    const csv = "text,status,extra\nhello,sent,1\nbad,unknown,2\nbye,failed,3\n";
    const started = await upload("format=csv&name=mine.csv&map=text%3Dcontent_preview&channel=upload", csv);
    expect(started.status).toBe(200);
    const job = await ended(host, started.json.value as Job);
    expect(job).toMatchObject({ state: "done", kind: "import", file_name: "mine.csv.rejects.csv" });
    expect(job.message).toContain("2 new");
    const { messages } = (await host.request("/messages?q=channel:upload")).json;
    expect(messages.map((each: { content_preview: string }) => each.content_preview).sort()).toEqual([
      "bye",
      "hello",
    ]);
    const rejects = await host.request(`/api/exports/${job.job_id}`);
    expect(rejects.text).toContain("bad,unknown,2");
    await eventually(async () => expect(await readdir(join(host.dataDir, "exports"))).toEqual([]));
  });

  test("with a map or a parameter that is not right is refused before anything is kept", async () => {
    expect((await upload("map=nonsense", "a,b\n1,2\n")).status).toBe(422);
    expect((await upload("map=a%3Dno_such_field", "a,b\n1,2\n")).status).toBe(422);
    expect((await upload("format=xml", "a,b\n1,2\n")).status).toBe(422);
    expect((await host.request("/api/import", { method: "POST" })).status).toBe(400);
    const job = await ended(host, (await upload("format=csv&map=b%3Dtopic", "a\n1\n")).json.value as Job);
    expect(job).toMatchObject({ state: "failed", message: expect.stringContaining('no column "b"') });
    expect(await readdir(join(host.dataDir, "exports"))).toEqual([]);
  });
});

describe("upkeep", () => {
  test("checks, backs up, restores, repairs, vacuums and prunes, each with its sentence", async () => {
    const own = await startHost();
    await own.request("/messages", { body: { topic: "kept" } });
    for (const name of ["jobs.check", "jobs.vacuum", "jobs.repair"] as const) {
      expect(await ended(own, await call(own, name, {}))).toMatchObject({
        state: "done",
        message: expect.any(String),
      });
    }
    expect(await ended(own, await call(own, "jobs.backup", {}))).toMatchObject({ state: "done" });
    const [backup] = (await call(own, "backups.list", {})).backups;
    await own.request("/messages", { body: { topic: "later" } });
    expect(await ended(own, await call(own, "jobs.restore", { file: backup?.file ?? "" }))).toMatchObject({
      state: "done",
    });
    const { messages } = (await own.request("/messages")).json;
    expect(messages.map(({ topic }: { topic: string }) => topic)).toEqual(["kept"]);

    await own.request("/messages", { body: { topic: "old", origin_ts: "2020-01-01T00:00:00Z" } });
    const pruned = await ended(own, await call(own, "jobs.prune", { days: 30 }));
    expect(pruned.message).toContain("Deleted 1 message older than 30 days.");
    expect((await own.request("/messages")).json.messages).toHaveLength(1);
  });

  test("restores nothing that is not among the backups", async () => {
    for (const file of ["/etc/passwd", "../token", "none.db"]) {
      expect((await host.request("/api/jobs.restore", { body: { file } })).status).toBe(404);
    }
  });

  test("fills an empty ledger with the sample, and no other", async () => {
    const refused = await ended(host, await call(host, "jobs.demo", {}));
    expect(refused).toMatchObject({ state: "failed", message: expect.stringContaining("not empty") });
  });

  test("what does not exist or has ended can't be cancelled", async () => {
    expect((await host.request("/api/jobs.cancel", { body: { job_id: "none" } })).status).toBe(404);
    const job = await ended(host, await call(host, "jobs.backup", {}));
    expect((await host.request("/api/jobs.cancel", { body: { job_id: job.job_id } })).status).toBe(409);
  });
});

describe("procedures", () => {
  test("answer replies, also for what is wrong", async () => {
    const invalid = await host.request("/api/messages.get", { body: { message_uuid: "x" } });
    expect(invalid.status).toBe(422);
    expect(invalid.json).toMatchObject({
      ok: false,
      error: { code: "invalid", details: { field: "message_uuid" } },
    });
    expect((await host.request("/api/messages.lose", { body: {} })).json).toMatchObject({
      ok: false,
      error: { code: "not_found" },
    });
    expect((await host.request("/api/health.get", { token: null, body: {} })).json).toMatchObject({
      ok: false,
    });
    expect((await host.request("/api/health.get", { body: "" })).json).toMatchObject({ ok: true });
  });

  test("access tells the address, the token and the data directory", async () => {
    const access = await call(host, "access.get", {});
    expect(access).toEqual({ url: host.url, token: host.token, data_dir: host.dataDir });
  });

  test("settings keep what a change leaves out, and a broken file is set aside and told", async () => {
    await call(host, "settings.set", { retention_days: 3_000 });
    expect(await call(host, "settings.set", { theme: "light" })).toMatchObject({
      theme: "light",
      retention_days: 3_000,
    });
    expect((await host.request("/api/settings.set", { body: { retention_days: 0 } })).status).toBe(422);
    expect(JSON.parse(await readFile(join(host.dataDir, "config.json"), "utf8"))).toMatchObject({
      theme: "light",
    });

    const dataDir = await temporaryFolder();
    await writeFile(join(dataDir, "config.json"), "{ torn");
    const own = await startHost({ dataDir });
    expect(own.stderr()).toContain("set aside");
    expect(await call(own, "settings.get", {})).toMatchObject({ theme: "system", retention_days: null });
    const { logs } = await call(own, "systemLogs.list", { level: "warning" });
    expect(logs.map(({ message }) => message).join()).toContain("set aside");
  });
});
