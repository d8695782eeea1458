import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createSupabaseSink } from "../../src-main/sync/supabase/supabase-sink.ts";
import { testSupabase } from "../../src-main/sync/supabase/test-connection.ts";
import { hasPostgres } from "../support/postgres.ts";
import { useProjects } from "../support/postgrest/use-projects.ts";

const folder = mkdtempSync(join(tmpdir(), "waybill-tls-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** An authority of its own, and a certificate of it for 127.0.0.1. */
function makeCertificates(days = 2): { key: string; cert: string; caFile: string } {
  const at = (name: string): string => join(folder, `${days}-${name}`);
  const openssl = (...args: string[]): void => {
    execFileSync("openssl", args, { stdio: "ignore" });
  };
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  openssl(
    "req",
    "-x509",
    ...newKey,
    "-subj",
    "/CN=Own authority",
    "-keyout",
    at("ca.key"),
    "-out",
    at("ca.pem"),
  );
  openssl("req", ...newKey, "-subj", "/CN=own", "-keyout", at("own.key"), "-out", at("own.csr"));
  writeFileSync(at("ext"), "subjectAltName=IP:127.0.0.1");
  const signed = ["-CA", at("ca.pem"), "-CAkey", at("ca.key"), "-CAcreateserial", "-extfile", at("ext")];
  openssl("x509", "-req", "-in", at("own.csr"), ...signed, "-days", String(days), "-out", at("own.pem"));
  return {
    key: readFileSync(at("own.key"), "utf8"),
    cert: readFileSync(at("own.pem"), "utf8"),
    caFile: at("ca.pem"),
  };
}

describe.skipIf(!hasPostgres)("trying the connection to Supabase", () => {
  const start = useProjects();

  it("is fine with tables that can be written, and leaves nothing behind", async () => {
    const project = await start();
    expect(await testSupabase(project.options)).toEqual({
      ok: true,
      message: `Connected to ${new URL(project.api.url).host}. Its tables are there and can be written.`,
    });
    expect(await project.query("SELECT * FROM message_logs")).toEqual([]);
  });

  it("says what is wrong in words, and what to do", async () => {
    const project = await start();
    const { options, api } = project;
    const message = async (changed: Partial<typeof options>): Promise<string> => {
      const tested = await testSupabase({ ...options, ...changed });
      expect(tested.ok).toBe(false);
      expect(tested.message).not.toContain(changed.key ?? options.key);
      return tested.message;
    };
    expect(await message({ url: "http://127.0.0.1:1" })).toMatch(/127\.0\.0\.1:1 refuses the connection/);
    expect(await message({ url: "https://no-such-project.invalid" })).toMatch(/name .* is not found/);
    expect(await message({ url: api.url.replace("http:", "https:") })).toMatch(/does not speak TLS/);
    expect(await message({ key: "wrong" })).toMatch(/does not take the key.*Look at SUPABASE_KEY/);
    expect(await message({ key: api.key("anon") })).toMatch(/may not write.*service_role/);
    expect(await message({ key: api.key("authenticated") })).toMatch(/may not write.*service_role/);
    expect(await message({ key: api.key("service_role", 1_000_000) })).toMatch(/no longer valid/);
    expect(await message({ caFile: "/no/such.pem" })).toMatch(/can't be read: \/no\/such\.pem/);
    expect(await message({ url: `${api.url}/elsewhere` })).toMatch(/no Supabase project/);

    await project.query("ALTER TABLE message_logs ADD COLUMN extra text NOT NULL");
    expect(await message({})).toMatch(/takes no record at all.*extra/);
    await project.query("ALTER TABLE message_logs DROP COLUMN extra, DROP COLUMN topic");
    expect(await message({})).toMatch(/another version/);
  });

  it("names the file to run where the tables are missing, or of another version", async () => {
    const project = await start({ isEmpty: true });
    const missing =
      /tables message_logs and sessions are not there\. Run assets\/supabase\/waybill\.sql in the SQL editor/;
    expect((await testSupabase(project.options)).message).toMatch(missing);
    const sink = createSupabaseSink(project.options);
    await expect(sink.open(new AbortController().signal)).rejects.toMatchObject({
      kind: "stop",
      message: expect.stringMatching(missing),
    });
    await sink.close();
  });

  it("knows an older version by what it says of itself", async () => {
    const project = await start();
    await project.query(
      "CREATE OR REPLACE FUNCTION waybill_schema() RETURNS json LANGUAGE sql AS $$ SELECT '{\"version\": 0}'::json $$",
    );
    expect((await testSupabase(project.options)).message).toMatch(
      /version 0, needed 1.*run assets\/supabase/,
    );
  });

  it("makes partitions for more months when few are left", async () => {
    const project = await start();
    const months = await project.query<{ name: string }>(
      "SELECT 'waybill.' || relname AS name FROM pg_class WHERE relname ~ '^message_logs_\\d{4}_\\d{2}$' ORDER BY relname",
    );
    for (const { name } of months.slice(8)) await project.query(`DROP TABLE ${name}`);
    expect((await testSupabase(project.options)).ok).toBe(true);
    expect(await project.query("SELECT waybill_schema()->>'months_ahead' AS ahead")).toEqual([
      { ahead: "24" },
    ]);
  });

  it("takes an authority of one's own, and no other", async () => {
    const { caFile, ...tls } = makeCertificates();
    const project = await start({ tls });
    expect(await testSupabase({ ...project.options, caFile })).toMatchObject({ ok: true });
    expect((await testSupabase(project.options)).message).toMatch(
      /authority that is not known.*sync\.supabase\.ca_file/,
    );
    const url = project.options.url.replace("127.0.0.1", "localhost");
    expect((await testSupabase({ ...project.options, url, caFile })).message).toMatch(/for another name/);
  });

  it("gives up in time with one that never answers", async () => {
    const silent = createServer(() => {}).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as { port: number };
    const options = { url: `http://127.0.0.1:${port}`, key: "k", caFile: null, chatTable: null };
    const started = Date.now();
    expect((await testSupabase(options, 1_000)).message).toMatch(/no answer within 1 second/);
    expect(Date.now() - started).toBeLessThan(2_000);
    silent.close();
  });
});
