import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { eventually, runWaybill, spawnWaybill, temporaryFolder } from "./support/waybill.ts";

/** Runs a command on a data directory and expects success. */
async function run(dataDir: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runWaybill([...args, "--data-dir", dataDir]);
  if (code !== 0) throw new Error(`waybill ${args.join(" ")} ended with ${code}: ${stderr}`);
  return stdout;
}

async function log(dataDir: string, ...records: object[]): Promise<void> {
  const input = records.map((record) => JSON.stringify(record)).join("\n");
  const { code, stderr } = await runWaybill(["log", "--data-dir", dataDir], { input });
  if (code !== 0) throw new Error(stderr);
}

let dataDir: string;
beforeAll(async () => {
  dataDir = await temporaryFolder();
  await log(
    dataDir,
    {
      channel: "email",
      status: "delivered",
      topic: "hello",
      session_id: "s1",
      destination_subject_ids: ["ann", "bob"],
    },
    { channel: "sms", status: "failed", error_message: "550 no such user 17", session_id: "s1" },
    { channel: "sms", status: "sent", content_preview: "evil \u001b[31mred\u0007\nline" },
  );
});

const COMMANDS = [
  "serve",
  "log",
  "import",
  "export",
  "search",
  "stats",
  "sessions",
  "tail",
  "health",
  "backup",
  "restore",
  "repair",
  "vacuum",
  "prune",
  "keys",
  "config",
  "demo",
];

describe("usage", () => {
  test("--help lists every command, and each has its own", async () => {
    const { code, stdout } = await runWaybill(["--help"]);
    expect(code).toBe(0);
    for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${command}\\b`, "m"));
    for (const command of COMMANDS) {
      const help = await runWaybill([command, "--help"]);
      expect(help).toMatchObject({ code: 0, stderr: "" });
      expect(help.stdout).toContain(`waybill ${command}`);
    }
    expect((await runWaybill(["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test.each([
    [[]],
    [["fly"]],
    [["search"]],
    [["search", "a", "b"]],
    [["search", "x", "--limit", "0"]],
    [["search", "channel:"]],
    [["export", "--format", "xml"]],
    [["export", "--from", "yesterday"]],
    [["export", "--filter", "status:lost"]],
    [["import"]],
    [["import", "FILE", "--map", "nonsense"]],
    [["log", "--fast"]],
    [["prune"]],
    [["prune", "--days", "-1"]],
    [["stats", "--days", "many"]],
    [["restore", "no-such-file.db"]],
    [["config", "get", "colour"]],
    [["config", "set", "retention_days", "soon"]],
    [["config", "set", "theme"]],
  ])("%j is bad usage: exit 2 and what is wrong on stderr", async (args) => {
    const { code, stdout, stderr } = await runWaybill([...args, "--data-dir", dataDir]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^waybill: .+\n/);
  });

  test("a query's mistake is shown under its character", async () => {
    const { stderr } = await runWaybill(["search", "topic:a channel:sms AND", "--data-dir", dataDir]);
    expect(stderr.split("\n").slice(1, 3)).toEqual(["  topic:a channel:sms AND", `  ${" ".repeat(20)}^^^`]);
  });
});

describe("looking", () => {
  test("search prints a table that can't harm the terminal, or the page as JSON", async () => {
    const table = await run(dataDir, "search", "");
    expect(table.split("\n")[0]).toMatch(/^TIME \(UTC\) +STATUS +CHANNEL +TO +MESSAGE$/);
    expect(table.trim().split("\n")).toHaveLength(4);
    expect(table).toContain("ann +1");
    expect(table).toContain("evil [31mred line");
    expect(table).not.toContain("\u001b");

    const page = JSON.parse(await run(dataDir, "search", "channel:sms", "--limit", "1", "--json"));
    expect(page.messages).toHaveLength(1);
    expect(page.next_cursor).toEqual(expect.any(String));
    const rest = JSON.parse(
      await run(dataDir, "search", "channel:sms", "--cursor", page.next_cursor, "--json"),
    );
    expect(rest.messages).toHaveLength(1);
    expect(rest.next_cursor).toBeNull();
    expect(await run(dataDir, "search", "nothing-like-it")).toBe("");
  });

  test("stats and sessions in words and as JSON", async () => {
    expect(await run(dataDir, "stats")).toMatch(/^Messages +3$/m);
    expect(JSON.parse(await run(dataDir, "stats", "--days", "1", "--json"))).toMatchObject({
      days: 1,
      total: 3,
      failed: 1,
      report: { by_channel: expect.any(Array) },
    });
    expect(await run(dataDir, "sessions")).toMatch(/ s1$/m);
    expect(JSON.parse(await run(dataDir, "sessions", "--json"))).toMatchObject({
      sessions: [{ session_id: "s1", total: 2, failed: 1, successful: 1 }],
      next_cursor: null,
    });
  });

  test("tail follows what other processes log, and ends with Ctrl-C", async () => {
    const own = await temporaryFolder();
    const child = spawnWaybill(["tail", "channel:sms", "--json", "--data-dir", own]);
    let said = "";
    child.stdout?.on("data", (text) => {
      said += text;
    });
    await eventually(async () => {
      await log(own, { channel: "email", topic: "other" }, { channel: "sms", topic: "wanted" });
      await new Promise((done) => setTimeout(done, 600));
      expect(said).toContain("wanted");
    });
    expect(said).not.toContain("other");
    expect(JSON.parse(said.split("\n")[0] ?? "")).toMatchObject({ channel: "sms", topic: "wanted" });
    child.kill("SIGINT");
    expect((await once(child, "exit"))[0]).toBe(0);
  });

  test("health exits 0 where all is well and 1 where not", async () => {
    expect(JSON.parse(await run(dataDir, "health", "--json"))).toMatchObject({
      status: "ok",
      data_dir: dataDir,
    });
    expect(await run(dataDir, "health", "--deep")).toMatch(/^Status +ok$/m);
    const broken = await temporaryFolder();
    await mkdir(join(broken, "ledger.db"));
    const { code, stdout } = await runWaybill(["health", "--json", "--data-dir", broken]);
    expect(code).toBe(1);
    expect(JSON.parse(stdout).status).not.toBe("ok");
  });

  test("a reader that leaves early is no fault", async () => {
    const own = await temporaryFolder();
    await log(own, ...Array.from({ length: 3_000 }, () => ({ content_preview: "x".repeat(150) })));
    const child = spawnWaybill(["export", "--data-dir", own]);
    let stderr = "";
    child.stderr?.on("data", (text) => {
      stderr += text;
    });
    child.stdout?.once("data", () => child.stdout?.destroy());
    const [code] = await once(child, "exit");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });
});

describe("import and export", () => {
  test("a file goes in and comes out the same, to stdout and to a file", async () => {
    const own = await temporaryFolder();
    const file = join(own, "in.csv");
    await writeFile(file, 'text,category\n"hello, ""you""",a\n=1+1,b\n');
    expect(
      await run(own, "import", file, "--map", "text=content_preview,category=topic", "--channel", "chat"),
    ).toContain("2 new");
    expect(
      JSON.parse(
        await run(
          own,
          "import",
          file,
          "--map",
          "text=content_preview,category=topic",
          "--channel",
          "chat",
          "--json",
        ),
      ),
    ).toMatchObject({
      rows: 2,
      rejected: 0,
    });
    const out = join(own, "out.ndjson");
    await run(own, "export", "--out", out);
    const rows = (await readFile(out, "utf8")).trim().split("\n");
    expect(rows.map((row) => (JSON.parse(row) as { content_preview: string }).content_preview)).toContain(
      'hello, "you"',
    );
    expect(await run(own, "export", "--format", "ndjson")).toBe(await readFile(out, "utf8"));
    expect(JSON.parse(await run(own, "export", "--format", "json", "--filter", "topic:a"))).not.toHaveLength(
      0,
    );
    expect(JSON.parse(await run(own, "export", "--format", "json", "--to", "2001-01-01"))).toEqual([]);
    expect(JSON.parse(await run(own, "export", "--format", "json", "--days", "1")).length).toBeGreaterThan(0);
    expect((await readdir(own)).filter((name) => name.includes("partial"))).toEqual([]);
  });

  test("rows that can't be taken are in a file with their reasons, and the exit code says so", async () => {
    const own = await temporaryFolder();
    const file = join(own, "in.csv");
    await writeFile(file, "topic,status\na,sent\nb,lost\n");
    const { code, stdout, stderr } = await runWaybill(["import", file, "--data-dir", own]);
    expect(code).toBe(1);
    expect(stdout).toContain("1 rejected");
    expect(stderr).toContain(`${file}.rejects.csv`);
    expect(await readFile(`${file}.rejects.csv`, "utf8")).toContain("b,lost");
    expect((await runWaybill(["import", join(own, "none.csv"), "--data-dir", own])).code).toBe(1);
  });
});

describe("upkeep", () => {
  test("backup, restore, repair, vacuum and prune", async () => {
    const own = await temporaryFolder();
    await log(own, { topic: "kept" }, { topic: "old", origin_ts: "2020-01-01T00:00:00Z" });
    const { file } = JSON.parse(await run(own, "backup", "--json")) as { file: string };
    expect(existsSync(file)).toBe(true);
    const elsewhere = join(await temporaryFolder(), "copy.db");
    expect(await run(own, "backup", "--out", elsewhere)).toContain(elsewhere);
    expect((await runWaybill(["backup", "--out", elsewhere, "--data-dir", own])).code).toBe(1);

    expect(await run(own, "prune", "--days", "30")).toContain("Deleted 1 message older than 30 days.");
    await log(own, { topic: "later" });
    await run(own, "vacuum");
    await run(own, "repair");
    expect(await run(own, "restore", file.split("/").at(-1) ?? "")).toContain("kept");
    const topics = async () =>
      (JSON.parse(await run(own, "export", "--format", "json")) as { topic: string }[])
        .map(({ topic }) => topic)
        .sort();
    expect(await topics()).toEqual(["kept", "old"]);
    await run(own, "restore", elsewhere);
    expect(await topics()).toEqual(["kept", "old"]);

    const text = join(own, "text.db");
    await writeFile(text, "this is no database");
    expect((await runWaybill(["restore", text, "--data-dir", own])).code).not.toBe(0);
    expect(await topics()).toEqual(["kept", "old"]);
  });

  test("config keeps settings, and no secrets", async () => {
    const own = await temporaryFolder();
    expect(await run(own, "config", "get", "retention_days")).toBe("null\n");
    await run(own, "config", "set", "retention_days", "90");
    await run(own, "config", "set", "theme", "dark");
    expect(JSON.parse(await run(own, "config", "get", "--json"))).toMatchObject({
      theme: "dark",
      retention_days: 90,
    });
    await run(own, "config", "set", "retention_days", "none");
    expect(await run(own, "config", "get", "retention_days", "--json")).toBe("null\n");
    for (const key of ["RABBITMQ_URL", "SUPABASE_KEY", "token"]) {
      const { code, stderr } = await runWaybill(["config", "set", key, "s3cret", "--data-dir", own]);
      expect(code).toBe(2);
      expect(stderr).toContain("environment");
    }
    expect(await readFile(join(own, "config.json"), "utf8")).not.toContain("s3cret");
  });

  test("demo fills an empty ledger and leaves any other alone", async () => {
    const own = await temporaryFolder();
    expect(await run(own, "demo")).toContain("25,000");
    const { code, stderr } = await runWaybill(["demo", "--data-dir", own]);
    expect(code).toBe(1);
    expect(stderr).toContain("not empty");
  });
});
