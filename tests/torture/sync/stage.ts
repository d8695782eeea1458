import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { SinkStatus, SyncStatus } from "../../../src-shared/contract/sync.ts";
import type { SinkName } from "../../../src-shared/contract/sync-counts.ts";
import type { Postgres } from "../../support/postgres.ts";
import { type Project, startProject } from "../../support/postgrest/project.ts";
import { deleteQueue } from "../../support/queue-content.ts";
import type { RabbitMq } from "../../support/rabbitmq.ts";
import { startTcpProxy, type TcpProxy } from "../../support/tcp-proxy.ts";
import { type Answer, type Host, startHost } from "../host.ts";
import { Broken, HarnessError, type Round } from "../round.ts";
import { startWriters, type Writer, type WriterKind, type WriterOptions } from "../writers.ts";
import { borrowServices } from "./services.ts";

/** A quorum queue of RabbitMQ 3.10 that was made shortly before the broker is killed may be broken for good. */
const QUEUE_AGE_MS = 3_000;
/** A record should have come through by then, whatever happened before. */
const FIRST_MS = 90_000;
const LOOK_MS = 100;

export type QueueType = "quorum" | "classic";

type Parts = {
  round: Round;
  rabbit: RabbitMq;
  project: Project;
  vhost: string;
  broker: TcpProxy;
  supabase: TcpProxy;
  areSound: () => void;
};

/** A host between its writers and both sinks, each behind a proxy; and what an operator has to do in the end. */
export class Stage {
  readonly round: Round;
  readonly rabbit: RabbitMq;
  readonly project: Project;
  readonly vhost: string;
  /** Before the broker. */
  readonly broker: TcpProxy;
  /** Before Supabase. */
  readonly supabase: TcpProxy;
  /** The broker and PostgreSQL may be used by the next round. */
  readonly areSound: () => void;
  /** Before the first record. */
  readonly started = Date.now();
  /** The queues that were deleted with what was in them, and when. */
  readonly deletedQueues = new Map<string, number>();
  /** What was in a deleted queue is still to be sent once more. */
  needsResend = false;
  /** That was done while more came in: what is new may be there before what is sent once more. */
  wasResentUnderLoad = false;
  /** Supabase lost its tables: what was in them is to be found by a comparison. */
  needsReconcile = false;
  /** A sink waits for an operator, or has parked what it did not take. */
  needsRetry = false;
  /** A sink did not take some records for a while. */
  hasParked = false;
  /** What was sent may come once more: the host, or a sink's work, was ended in between. */
  wasInterrupted = false;
  readonly #env: NodeJS.ProcessEnv;
  #up: Promise<Host>;
  #writers: Writer[] = [];
  #epoch = 0;
  /** Changes that were at RabbitMQ when a queue was last deleted. */
  #deliveredBefore = 0;

  private constructor({ round, rabbit, project, vhost, broker, supabase, areSound }: Parts) {
    this.round = round;
    this.rabbit = rabbit;
    this.project = project;
    this.vhost = vhost;
    this.broker = broker;
    this.supabase = supabase;
    this.areSound = areSound;
    this.#env = {
      RABBITMQ_URL: withPort(this.brokerUrl, broker.port),
      SUPABASE_URL: withPort(project.options.url, supabase.port),
      SUPABASE_KEY: project.options.key,
    };
    this.#up = startHost(round, this.#env);
  }

  /** A vhost and a Supabase project of the round's own, and a host that runs. */
  static async open(round: Round, queueType: QueueType): Promise<Stage> {
    const settings = { sync: { rabbitmq: { queue_type: queueType } } };
    writeFileSync(join(round.dataDir, "config.json"), JSON.stringify(settings));
    const { rabbit, postgres, areSound } = await borrowServices(round);
    const vhost = `round-${round.plan.index}`;
    const [project] = await Promise.all([openProject(round, postgres), makeVhost(rabbit, vhost)]);
    const [broker, supabase] = await Promise.all([
      startTcpProxy(rabbit.port),
      startTcpProxy(Number(new URL(project.options.url).port)),
    ]);
    for (const proxy of [broker, supabase]) round.onEnd(() => proxy.stop());
    const stage = new Stage({ round, rabbit, project, vhost, broker, supabase, areSound });
    await stage.#up;
    return stage;
  }

  /** Of the round's vhost, past the proxy. */
  get brokerUrl(): string {
    return `${this.rabbit.url}/${this.vhost}`;
  }

  /** The host that runs, or the next one while none does. */
  get host(): Promise<Host> {
    return this.#up;
  }

  async startWriters(kinds: readonly WriterKind[], options: WriterOptions): Promise<void> {
    const writers = startWriters(this.round, await this.#up, kinds, options, this.#epoch);
    this.#epoch += 1;
    this.#writers.push(...writers);
    await Promise.all(writers.map(({ begun }) => begun));
  }

  async stopWriters(): Promise<void> {
    await Promise.all(this.#writers.map((writer) => writer.stop()));
  }

  /** Ends the host one way or the other, and starts the next. */
  async restartHost(how: "killed" | "stopped"): Promise<void> {
    const host = await this.#up;
    const restart = async (): Promise<Host> => {
      if (how === "killed") await host.kill();
      else await this.#stop(host);
      return startHost(this.round, this.#env);
    };
    this.wasInterrupted = true;
    this.#up = restart();
    await this.#up;
  }

  async #stop(host: Host): Promise<void> {
    const { code, signal } = await host.stop();
    if (code !== 0)
      this.round.problem(`the host ended with ${signal ?? code}: ${host.child.stderr().trim()}`);
  }

  /** Asks a procedure of the host, or of the next one where it is killed meanwhile. */
  async ask(procedure: string, input: unknown): Promise<Answer> {
    for (;;) {
      const host = await this.#up;
      try {
        return await host.send("POST", `/api/${procedure}`, input);
      } catch (error) {
        if ((await this.#up) === host) throw error;
      }
    }
  }

  /** What a procedure gives. Throws `Broken` where it is refused. */
  async call<T>(procedure: string, input: unknown): Promise<T> {
    const { status, text } = await this.ask(procedure, input);
    if (status !== 200) throw new Broken(`${procedure} was answered ${status}: ${text}`);
    return (JSON.parse(text) as { value: T }).value;
  }

  status(): Promise<SyncStatus> {
    return this.call("sync.status", {});
  }

  async sink(name: SinkName): Promise<SinkStatus> {
    const { sinks } = await this.status();
    const found = sinks.find(({ sink }) => sink === name);
    if (found === undefined) throw new Broken(`sync.status does not tell of ${name}`);
    return found;
  }

  /** Something was delivered since RabbitMQ's queues were made, so they are there. */
  async untilQueuesAreThere(): Promise<void> {
    for (const until = Date.now() + FIRST_MS; ; ) {
      const { counts } = await this.sink("rabbitmq");
      if (counts.delivered > this.#deliveredBefore) return;
      if (Date.now() > until) throw new Broken(`nothing came to RabbitMQ in ${FIRST_MS} ms`);
      await pause(LOOK_MS);
    }
  }

  /** They are there, and old enough to outlive the broker. */
  async untilQueuesAreOld(): Promise<void> {
    await this.untilQueuesAreThere();
    await pause(QUEUE_AGE_MS);
  }

  /** As an operator by mistake, with what is in it. */
  async deleteQueue(queue: string): Promise<void> {
    await this.untilQueuesAreThere();
    await byHarness(deleteQueue(this.brokerUrl, queue), `deleting ${queue}`);
    this.deletedQueues.set(queue, Date.now());
    this.#deliveredBefore = (await this.sink("rabbitmq")).counts.delivered;
    this.wasInterrupted = true;
  }

  /** Runs `rabbitmqctl`. Where that fails the round says nothing of Waybill. */
  control(...args: string[]): Promise<string> {
    return byHarness(this.rabbit.control(...args), args.join(" "));
  }
}

export async function byHarness<T>(doing: Promise<T>, what: string): Promise<T> {
  try {
    return await doing;
  } catch (error) {
    throw new HarnessError(`${what}: ${String(error)}`, { cause: error });
  }
}

async function openProject(round: Round, postgres: Postgres): Promise<Project> {
  const project = await byHarness(startProject(postgres), "a Supabase project");
  round.onEnd(async () => {
    const { database: name } = project.database;
    await project.stop();
    const client = await postgres.connect("postgres");
    await client.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await client.end();
  });
  return project;
}

/** In place of those of earlier rounds. */
async function makeVhost({ control, user }: RabbitMq, vhost: string): Promise<void> {
  const by = '<<"torture">>';
  const all = '<<".*">>';
  const commands = [
    `[rabbit_vhost:delete(V, ${by}) || V <- rabbit_vhost:list_names(), V =/= <<"/">>]`,
    `ok = rabbit_vhost:add(<<"${vhost}">>, ${by})`,
    `ok = rabbit_auth_backend_internal:set_permissions(<<"${user.name}">>, <<"${vhost}">>, ${all}, ${all}, ${all}, ${by})`,
  ];
  await byHarness(control("eval", `${commands.join(", ")}.`), "a vhost");
}

function withPort(address: string, port: number): string {
  return address.replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${port}`);
}
