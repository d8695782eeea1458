import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { archiveOptions, openArchive } from "../../src-main/archive/connection.ts";
import { ChatContext } from "../../src-main/redis/chat-context.ts";
import { SinkFailure } from "../../src-main/sync/sink.ts";
import { type Archive, createArchive } from "../support/archive.ts";
import { type Certificates, makeCertificates } from "../support/certificates.ts";
import { hasPostgres, type Postgres, startPostgres } from "../support/postgres.ts";
import { connectionTo, publishAll } from "../support/publish.ts";
import { hasRabbitMq, type RabbitMq } from "../support/rabbitmq.ts";
import { hasRedis, type RedisServer, startRedis } from "../support/redis.ts";
import { sharedRabbitMq } from "../support/shared-rabbitmq.ts";
import { startConsumer } from "./support/consumer.ts";
import { startHost } from "./support/host.ts";
import { eventually, runWaybill, temporaryFolder } from "./support/waybill.ts";

let folder: string;
let certificates: Certificates;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "waybill-certificates-"));
  certificates = makeCertificates(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const UNKNOWN = /is signed by an authority that is not known here\. Name that authority's certificate/;
const MISNAMED = /is for another name\. Connect by a name that is in the certificate/;

describe.skipIf(!hasPostgres)("PostgreSQL over TLS", () => {
  const broker = sharedRabbitMq();
  let rabbit: RabbitMq;
  let postgres: Postgres;
  let archive: Archive;
  beforeAll(async () => {
    if (hasRabbitMq) rabbit = await broker();
    postgres = await startPostgres({ tls: certificates.server });
    archive = await createArchive(postgres);
  });
  afterAll(async () => {
    await archive?.client.end();
    await postgres?.stop();
  });

  /** Whether a connection that is asked for so is encrypted; or why it is not made. */
  async function isEncrypted(query: string, environment = {}): Promise<boolean | string> {
    const options = archiveOptions(environment, `${archive.url}${query}`);
    if (options === null) throw new Error("Not configured");
    try {
      const client = await openArchive(options, "test");
      const { rows } = await client.query("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
      await client.end();
      return rows[0].ssl as boolean;
    } catch (error) {
      if (!(error instanceof SinkFailure)) throw error;
      return `${error.kind}: ${error.message}`;
    }
  }

  test("is made with the authority that is named, in the address or by libpq's variables", async () => {
    const { ca, otherCa } = certificates;
    expect(await isEncrypted("")).toBe(false);
    expect(await isEncrypted(`?sslrootcert=${ca}`)).toBe(true);
    expect(await isEncrypted(`?sslmode=verify-full&sslrootcert=${ca}`)).toBe(true);
    expect(await isEncrypted("", { PGSSLMODE: "require", PGSSLROOTCERT: ca })).toBe(true);
    expect(await isEncrypted("?sslmode=no-verify")).toBe(true);
    for (const query of ["?sslmode=require", `?sslmode=require&sslrootcert=${otherCa}`]) {
      const failure = await isEncrypted(query);
      expect(failure).toMatch(UNKNOWN);
      expect(failure).toMatch(/^stop: .*PostgreSQL at 127\.0\.0\.1.*sslrootcert=.*PGSSLROOTCERT/);
    }
  });

  test("is refused for a certificate of another name, or one that has expired, with what to do", async () => {
    const query = `?sslrootcert=${certificates.ca}`;
    await postgres.recertify(certificates.misnamed);
    await eventually(async () => expect(await isEncrypted(query)).toMatch(MISNAMED));
    await postgres.recertify(certificates.expired);
    await eventually(async () =>
      expect(await isEncrypted(query)).toBe(
        "stop: The certificate of PostgreSQL at 127.0.0.1 has expired. It has to be renewed there.",
      ),
    );
    await postgres.recertify(certificates.server);
    await eventually(async () => expect(await isEncrypted(query)).toBe(true));
  });

  test("is asked for where the server lets nobody in without it, or does not speak it", async () => {
    const hba = join(postgres.directory, "data/pg_hba.conf");
    await copyFile(hba, `${hba}.before`);
    onTestFinished(async () => {
      await copyFile(`${hba}.before`, hba);
      await archive.query("SELECT pg_reload_conf()");
    });
    await archive.query("CREATE ROLE team LOGIN");
    await writeFile(hba, "hostssl all team all trust\nhost all postgres all trust\n");
    await archive.query("SELECT pg_reload_conf()");
    const asTeam = { PGUSER: "team" };
    const url = archive.url.replace("postgres@", "team@");
    const client = archiveOptions(asTeam, url);
    if (client === null) throw new Error("Not configured");
    await eventually(() =>
      expect(openArchive(client, "test")).rejects.toThrow(
        /no encryption\. Ask for TLS in the address: \?sslmode/,
      ),
    );
    const plain = await startPostgres();
    onTestFinished(() => plain.stop());
    const options = archiveOptions(
      {},
      `postgres://postgres@127.0.0.1:${plain.port}/postgres?sslmode=require`,
    );
    if (options === null) throw new Error("Not configured");
    await expect(openArchive(options, "test")).rejects.toThrow(
      "What answers for PostgreSQL at 127.0.0.1 does not speak TLS. Switch it on there (ssl = on)",
    );
  });

  test("carries what a host over the archive reads, and it says what is wrong with it", async () => {
    const open = (query: string) => startHost({ args: ["--archive", `${archive.url}${query}`] });
    const [host, stranger] = [await open(`?sslrootcert=${certificates.ca}`), await open("?sslmode=require")];
    expect((await host.request("/messages")).status).toBe(200);
    const readers =
      "SELECT DISTINCT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = $1";
    expect(await archive.query(readers, ["waybill serve"])).toEqual([{ ssl: true }]);
    const { status, json } = await stranger.request("/messages");
    expect(status).toBe(503);
    expect(json.error.message).toMatch(UNKNOWN);
  });

  test.skipIf(!hasRabbitMq)("carries what a consumer writes, and it says what is wrong with it", async () => {
    const connection = connectionTo(rabbit);
    await connection.queueDeclare({ queue: "message_storage", durable: true });
    await publishAll(connection, "message_storage", [{ message_uuid: crypto.randomUUID(), channel: "sms" }]);
    await connection.close();
    const stranger = await runWaybill(["consume", "--data-dir", await temporaryFolder()], {
      env: { RABBITMQ_URL: rabbit.url, DATABASE_URL: archive.url, PGSSLMODE: "require" },
    });
    expect(stranger.code).toBe(1);
    expect(stranger.stderr).toMatch(UNKNOWN);
    const consumer = await startConsumer({
      rabbit,
      archive: { url: `${archive.url}?sslrootcert=${certificates.ca}` },
    });
    await consumer.heard("stored");
    expect(archive.psql("SELECT count(*) FROM message_logs WHERE channel = 'sms'")).toBe("1");
    const writers =
      "SELECT DISTINCT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name ~ 'consume'";
    expect(await archive.query(writers)).toEqual([{ ssl: true }]);
    await consumer.stop();
  });
});

describe.skipIf(!hasRedis)("Redis over TLS", () => {
  let redis: RedisServer;
  let url: string;
  beforeAll(async () => {
    redis = await startRedis({ tls: certificates });
    url = redis.url.replace("redis://", "rediss://").replace(String(redis.port), String(redis.tlsPort));
  });
  afterAll(() => redis?.stop());

  /** Null where a round trip was made over TLS, or why it was not. */
  async function problem(environment: Record<string, string>): Promise<string | null> {
    const context = await ChatContext.open({ REDIS_URL: url, ...environment });
    if (context === null) throw new Error("Not configured");
    try {
      return (await context.roundTrip()) ? null : context.problem;
    } finally {
      context.close();
    }
  }

  test("is made with the authority that is named, and with a client certificate where it is wanted", async () => {
    const { ca, otherCa, client } = certificates;
    expect(await problem({ REDIS_CA_FILE: ca })).toBeNull();
    for (const environment of [{}, { REDIS_CA_FILE: otherCa }]) {
      const sentence = await problem(environment as Record<string, string>);
      expect(sentence).toMatch(UNKNOWN);
      expect(sentence).toMatch(/Redis at 127\.0\.0\.1.*as REDIS_CA_FILE\.$/);
    }
    await expect(problem({ REDIS_CA_FILE: "/nowhere/ca.pem" })).rejects.toThrow(
      "The file /nowhere/ca.pem for TLS with Redis can't be read.",
    );
    redis.cli("config", "set", "tls-auth-clients", "yes");
    onTestFinished(() => void redis.cli("config", "set", "tls-auth-clients", "no"));
    expect(await problem({ REDIS_CA_FILE: ca })).toMatch(
      /client certificate.*REDIS_CERT_FILE and REDIS_KEY_FILE/,
    );
    const own = { REDIS_CERT_FILE: client.cert, REDIS_KEY_FILE: client.key };
    expect(await problem({ REDIS_CA_FILE: ca, ...own })).toBeNull();
  });

  test("is refused for a certificate of another name, and where no TLS is spoken", async () => {
    const { ca, misnamed, server } = certificates;
    const show = ({ cert, key }: { cert: string; key: string }) =>
      redis.cli("config", "set", "tls-cert-file", cert, "tls-key-file", key);
    show(misnamed);
    expect(await problem({ REDIS_CA_FILE: ca })).toMatch(MISNAMED);
    show(server);
    const plain = redis.url.replace("redis://", "rediss://");
    expect(await problem({ REDIS_URL: plain, REDIS_CA_FILE: ca })).toMatch(
      /does not answer on port \d+\. If that port does not speak TLS: Use Redis's TLS port/,
    );
  });

  test("carries the context of chats and what is taken in, and a host says what is wrong with it", async () => {
    const env = { REDIS_URL: url, REDIS_QUEUE: "MESSAGES" };
    const host = await startHost({ env: { ...env, REDIS_CA_FILE: certificates.ca } });
    redis.cli("rpush", "MESSAGES", JSON.stringify({ topic: "greetings", message_data: { text: "hello" } }));
    await eventually(async () => {
      const { json } = await host.request("/messages?q=topic:greetings");
      expect(json.messages).toHaveLength(1);
    });
    const turn = { user_id: "u", user_input: "Hi", bot_reply: "Ho", bot_id: "b", email: "e", platform: "p" };
    expect((await host.request("/chat", { body: turn })).json.redis).toBe("stored");
    expect(redis.cli("llen", "chats_idx:u")).toBe("1");
    expect((await host.request("/redis_status")).status).toBe(200);

    const stranger = await startHost({ env });
    await eventually(async () => {
      const { status, json } = await stranger.request("/redis_status");
      expect(status).toBe(503);
      expect(json.message).toMatch(UNKNOWN);
      expect(json.ingest[0].problem).toMatch(UNKNOWN);
    });
  });
});
