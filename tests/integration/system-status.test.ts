import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasPostgres, type Postgres, startPostgres } from "../support/postgres.ts";
import { type Project, startProject } from "../support/postgrest/project.ts";
import { drainQueue } from "../support/queue-content.ts";
import { hasRabbitMq, type RabbitMq, startRabbitMq } from "../support/rabbitmq.ts";
import { hasRedis, type RedisServer, startRedis } from "../support/redis.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";
import { type Answer, type Host, startHost } from "./support/host.ts";
import { eventually, runWaybill } from "./support/waybill.ts";

const STATUS_ROUTES = ["/redis_status", "/rabbitmq_status", "/supabase_status"] as const;

describe("the status of the systems, with none", () => {
  test("is off, and healthy", async () => {
    const host = await startHost();
    for (const route of STATUS_ROUTES) {
      const { status, json } = await host.request(route);
      expect(status, route).toBe(200);
      expect(json, route).toMatchObject({ status: "off", message: expect.stringMatching(/not configured/) });
    }
    const { status, json } = await host.request("/logging_system_status");
    expect(status).toBe(200);
    expect(json).toMatchObject({
      status: "healthy",
      environment_config: { redis_url: false, rabbitmq_url: false, supabase_url: false, supabase_key: false },
      recommendations: [],
    });
    const { json: report, status: probed } = await host.request("/test_enhanced_logging", { method: "POST" });
    expect(probed).toBe(200);
    expect(report).toMatchObject({ success: true });
    expect(report.steps.map((step: Step) => `${step.system} ${step.step} ${step.outcome}`)).toEqual([
      "ledger log done",
      "redis store off",
      "rabbitmq deliver off",
      "supabase deliver off",
      "ledger cancel done",
      "ledger remove done",
    ]);
    expect((await host.request(`/messages/${report.message_uuid}`)).status).toBe(404);
    const cleanup = await host.request("/cleanup_connections", { method: "POST" });
    expect(cleanup.json).toEqual({
      success: true,
      redis: "off",
      rabbitmq: "off",
      supabase: "off",
      errors: [],
    });
  });

  test("wants the token, and the right method", async () => {
    const host = await startHost();
    for (const route of [...STATUS_ROUTES, "/logging_system_status"])
      expect((await host.request(route, { token: null })).status).toBe(401);
    for (const route of ["/test_enhanced_logging", "/cleanup_connections"]) {
      expect((await host.request(route, { method: "POST", token: null })).status).toBe(401);
      expect((await host.request(route)).status).toBe(405);
    }
  });
});

type Step = { system: string; step: string; outcome: string; ms: number; message: string };

describe.skipIf(!hasRedis || !hasRabbitMq || !hasPostgres)("the status of the systems, with all", () => {
  let redis: RedisServer;
  let rabbit: RabbitMq;
  let postgres: Postgres;
  let project: Project;
  let broker: TcpProxy;
  let api: TcpProxy;
  let host: Host;
  let secrets: string[];

  beforeAll(async () => {
    [redis, rabbit, postgres] = await Promise.all([startRedis(), startRabbitMq(), startPostgres()]);
    project = await startProject(postgres);
    broker = await startTcpProxy(rabbit.port);
    api = await startTcpProxy(Number(new URL(project.options.url).port));
    const { name, password } = rabbit.user;
    const supabase = project.options.url.replace(/:\d+$/, `:${api.port}`);
    host = await startHost({
      env: {
        REDIS_URL: redis.url,
        RABBITMQ_URL: `amqp://${name}:${encodeURIComponent(password)}@127.0.0.1:${broker.port}`,
        SUPABASE_URL: supabase,
        SUPABASE_KEY: project.options.key,
      },
    });
    secrets = [redis.password, password, encodeURIComponent(password), project.options.key, "://"];
  });
  afterAll(async () => {
    await host.stop();
    await Promise.all([broker.stop(), api.stop(), redis.stop(), rabbit.stop(), project.stop()]);
    await postgres.stop();
  });

  async function ask(route: string, method = "GET"): Promise<Answer> {
    const answer = await host.request(route, { method });
    for (const secret of secrets) expect(answer.text).not.toContain(secret);
    return answer;
  }

  function stepsOf({ steps }: { steps: Step[] }): string[] {
    return steps.map(({ system, step, outcome }) => `${system} ${step} ${outcome}`);
  }

  async function figures(): Promise<unknown> {
    const { report, ...quick } = (await host.request("/stats")).json;
    return { ...quick, totals: report.totals, by_channel: report.by_channel };
  }

  function statusInSupabase(uuid: string): Promise<unknown[]> {
    return project.query("SELECT status FROM message_logs WHERE message_uuid = $1", [uuid]);
  }

  /** Whether only one of them is told to have failed, by its own route and by that of all. */
  async function expectOnly(failed: (typeof STATUS_ROUTES)[number] | null): Promise<void> {
    for (const route of STATUS_ROUTES) {
      const { status, json } = await ask(route);
      expect(`${route} ${status} ${json.status}`).toBe(
        `${route} ${route === failed ? "503 failed" : "200 ok"}`,
      );
    }
    const { status, json } = await ask("/logging_system_status");
    expect(status).toBe(failed === null ? 200 : 503);
    expect(json.status).toBe(failed === null ? "healthy" : "unhealthy");
    expect(json.recommendations).toHaveLength(failed === null ? 0 : 1);
  }

  test("is asked of each by a round trip, and each that is down is told alone", async () => {
    await eventually(() => expectOnly(null));
    const before = redis.cli("dbsize");

    await redis.kill9();
    await expectOnly("/redis_status");
    await redis.restart();
    await eventually(() => expectOnly(null));
    expect(redis.cli("dbsize")).toBe(before);

    broker.faults.refuse = true;
    broker.cut();
    await expectOnly("/rabbitmq_status");
    broker.faults.refuse = false;
    await expectOnly(null);

    api.faults.refuse = true;
    api.cut();
    await expectOnly("/supabase_status");
    api.faults.refuse = false;
    await eventually(() => expectOnly(null));

    await project.query("ALTER TABLE message_logs ADD CONSTRAINT nothing CHECK (false) NOT VALID");
    const { status } = await ask("/supabase_status");
    expect(status).toBe(503);
    await project.query("ALTER TABLE message_logs DROP CONSTRAINT nothing");
    await expectOnly(null);
  });

  test("POST /test_enhanced_logging follows a probe through all of them, and removes it", async () => {
    const body = {
      message: "Hello, test message",
      email: "test@example.com",
      bot_id: "test_bot",
      user_name: "Test User",
    };
    const before = await figures();
    const { status, json } = await host.request("/test_enhanced_logging", { body });
    expect(stepsOf(json)).toEqual([
      "ledger log done",
      "redis store done",
      "rabbitmq deliver done",
      "supabase deliver done",
      "ledger cancel done",
      "rabbitmq cancel done",
      "supabase cancel done",
      "ledger remove done",
      "redis remove done",
      "rabbitmq remove left",
      "supabase remove done",
    ]);
    expect(status).toBe(200);
    expect(json.success).toBe(true);
    for (const step of json.steps as Step[]) expect(step.ms).toBeGreaterThanOrEqual(0);

    const uuid: string = json.message_uuid;
    expect((await host.request(`/messages/${uuid}`)).status).toBe(404);
    expect(await statusInSupabase(uuid)).toEqual([]);
    expect(redis.cli("--scan", "--pattern", "*probe*")).toBe("");
    const got = await drainQueue(rabbit.url, "message_storage");
    expect(got.filter(({ id }) => id === uuid).map(({ revision }) => revision)).toEqual([1, 2]);
    expect(await figures()).toEqual(before);
    const { code, stdout } = await runWaybill(["health", "--deep", "--json", "--data-dir", host.dataDir]);
    expect(JSON.parse(stdout)).toMatchObject({ conservation: { balanced: true, stored: 0, removed: 1 } });
    expect(code).toBe(0);
  });

  test("POST /test_enhanced_logging answers 503 where one of them is down, and says which", async () => {
    await redis.kill9();
    try {
      const { status, json } = await ask("/test_enhanced_logging", "POST");
      expect(status).toBe(503);
      const failed = json.steps.filter(({ outcome }: Step) => outcome === "failed");
      expect(failed).toMatchObject([
        { system: "redis", step: "store" },
        { system: "redis", step: "remove" },
      ]);
    } finally {
      await redis.restart();
    }
  });

  test("POST /test_enhanced_logging leaves the probe where a sink has not had it, as cancelled", async () => {
    await eventually(() => expectOnly(null));
    broker.faults.refuse = true;
    broker.cut();
    const { status, json } = await ask("/test_enhanced_logging", "POST");
    broker.faults.refuse = false;
    expect(status).toBe(503);
    expect(stepsOf(json)).toEqual([
      "ledger log done",
      "redis store done",
      "rabbitmq deliver failed",
      "supabase deliver done",
      "ledger cancel done",
      "supabase cancel done",
      "ledger remove left",
      "redis remove done",
      "supabase remove left",
    ]);
    const { json: kept } = await host.request(`/messages/${json.message_uuid}`);
    expect(kept).toMatchObject({ status: "cancelled", message_type: "probe" });
    expect(await statusInSupabase(json.message_uuid)).toEqual([{ status: "cancelled" }]);
    await eventually(() => expectOnly(null));
  });

  test("POST /cleanup_connections makes all connections anew, and nothing is lost of it", async () => {
    const opened = broker.accepted;
    const turn = { user_id: "u", user_input: "Hi", bot_reply: "Ho", bot_id: "b", email: "e", platform: "p" };
    const uuids: string[] = [];
    for (let round = 0; round < 3; round += 1) {
      for (let count = 0; count < 20; count += 1) {
        const { json } = await host.request("/chat", { body: turn });
        expect(json).toMatchObject({ success: true, rabbitmq: "queued", supabase: "queued" });
        uuids.push(json.message_uuid);
      }
      const { status, json } = await ask("/cleanup_connections", "POST");
      expect(status).toBe(200);
      expect(json).toMatchObject({ redis: "renewed", rabbitmq: "renewed", supabase: "renewed", errors: [] });
    }
    expect(broker.accepted).toBeGreaterThan(opened);
    await eventually(async () => {
      const stored = await project.query<{ message_uuid: string }>(
        "SELECT message_uuid FROM message_logs WHERE message_uuid = ANY($1)",
        [uuids],
      );
      expect(stored).toHaveLength(uuids.length);
    });
    const got = new Set((await drainQueue(rabbit.url, "message_processing")).map(({ id }) => id));
    expect(uuids.filter((uuid) => !got.has(uuid))).toEqual([]);
    const { json } = await host.request("/chat", { body: turn });
    expect(json.redis).toBe("stored");
  });
});
