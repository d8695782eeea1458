import { type ChildProcess, execFile, type StdioOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Certificates, makeCertificates } from "./certificates.ts";

/** Not the wrappers of /usr/sbin: those change to the package's own user. */
const PROGRAMS = "/usr/lib/rabbitmq/bin";
const START_MS = 60_000;
const AMQP = Buffer.from("AMQP\0\0\x09\x01", "latin1");

export const hasRabbitMq = existsSync(join(PROGRAMS, "rabbitmq-server"));

export type RabbitMqUser = { name: string; password: string };

export type RabbitMq = {
  port: number;
  /** Null unless TLS was asked for; it wants a client certificate. */
  tls: { port: number; certificates: Certificates } | null;
  /** Null unless management was asked for. */
  managementPort: number | null;
  url: string;
  /** May do everything. */
  user: RabbitMqUser;
  /** May publish and read but declare nothing. */
  writer: RabbitMqUser;
  /** A second vhost, with a slash in its name. */
  vhost: string;
  /** Runs `rabbitmqctl`; takes a second or two. */
  control: (...args: string[]) => Promise<string>;
  /** What it has written into its log. */
  log: () => Promise<string>;
  raiseAlarm: (resource?: "disk" | "memory") => Promise<void>;
  clearAlarm: (resource?: "disk" | "memory") => Promise<void>;
  /**
   * A quorum queue that was made less than a second before may not survive it: RabbitMQ 3.10 then has nothing of what it
   * confirmed there, and confirms no more, for good. A classic one is on the disk when its declaration is answered.
   */
  kill9: () => Promise<void>;
  /** Starts it again on the same ports and files, after `kill9` or out of its run. */
  restart: () => Promise<void>;
  stop: () => Promise<void>;
};

export type RabbitMqRequest = { tls?: boolean; management?: boolean };

/** A private broker in a folder of its own, on free loopback ports, with an epmd of its own. */
export async function startRabbitMq({ tls, management }: RabbitMqRequest = {}): Promise<RabbitMq> {
  const folder = await mkdtemp(join(tmpdir(), "waybill-rabbitmq-"));
  const [port = 0, distribution = 0, epmdPort = 0, tlsPort = 0, managementPort = 0] = await freePorts(5);
  const user = { name: "ops", password: "p@ss/w%rd:#é" };
  const writer = { name: "writer", password: "w-secret" };
  const vhost = "team/a";
  const certificates = tls ? makeCertificates(folder) : null;
  const file = (name: string): string => join(folder, name);
  const lines = [
    `listeners.tcp.1 = 127.0.0.1:${port}`,
    `load_definitions = ${file("definitions.json")}`,
    "disk_free_limit.absolute = 1MB",
    "vm_memory_high_watermark.absolute = 2GB",
    "log.console = false",
    "log.file.level = warning",
  ];
  if (certificates !== null) {
    lines.push(
      `listeners.ssl.1 = 127.0.0.1:${tlsPort}`,
      `ssl_options.cacertfile = ${certificates.ca}`,
      `ssl_options.certfile = ${certificates.server.cert}`,
      `ssl_options.keyfile = ${certificates.server.key}`,
      "ssl_options.verify = verify_peer",
      "ssl_options.fail_if_no_peer_cert = true",
    );
  }
  if (management) lines.push("management.tcp.ip = 127.0.0.1", `management.tcp.port = ${managementPort}`);
  const permission = { configure: ".*", write: ".*", read: ".*" };
  await Promise.all([
    writeFile(file("rabbitmq.conf"), `${lines.join("\n")}\n`),
    writeFile(file("plugins"), management ? "[rabbitmq_management].\n" : "[].\n"),
    writeFile(
      file("definitions.json"),
      JSON.stringify({
        users: [
          { ...user, tags: "administrator" },
          { ...writer, tags: "" },
        ],
        vhosts: [{ name: "/" }, { name: vhost }],
        permissions: [
          { user: user.name, vhost: "/", ...permission },
          { user: user.name, vhost, ...permission },
          { user: writer.name, vhost: "/", ...permission, configure: "^$" },
        ],
      }),
    ),
    writeFile(file(".erlang.cookie"), "WAYBILLTEST"),
    mkdir(file("schema")),
    mkdir(file("generated")),
    mkdir(file("log")),
  ]);
  await chmod(file(".erlang.cookie"), 0o400);
  const node = `waybill${port}@localhost`;
  const env: Record<string, string> = {
    PATH: process.env.PATH ?? "",
    LANG: "C.UTF-8",
    HOME: folder,
    ERL_EPMD_PORT: String(epmdPort),
    ERL_EPMD_ADDRESS: "127.0.0.1",
    RABBITMQ_NODENAME: node,
    RABBITMQ_DIST_PORT: String(distribution),
    RABBITMQ_MNESIA_BASE: file("data"),
    RABBITMQ_LOG_BASE: file("log"),
    RABBITMQ_PID_FILE: file("pid"),
    RABBITMQ_ENABLED_PLUGINS_FILE: file("plugins"),
    RABBITMQ_SCHEMA_DIR: file("schema"),
    RABBITMQ_GENERATED_CONFIG_DIR: file("generated"),
    RABBITMQ_CONFIG_FILE: file("rabbitmq.conf"),
    RABBITMQ_CONF_ENV_FILE: "/dev/null",
    // An idle broker otherwise spins for a while after each piece of work, on cores that the tests need.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: "+sbwt none +sbwtdcpu none +sbwtdio none",
    RABBITMQ_ADVANCED_CONFIG_FILE: file("advanced.config"),
  };
  const run = promisify(execFile);
  const control = async (...args: string[]): Promise<string> =>
    (await run(join(PROGRAMS, "rabbitmqctl"), ["-n", node, ...args], { env })).stdout;
  const alarm = (what: "set" | "clear", resource: "disk" | "memory") => async () => {
    const name = `{resource_limit, ${resource}, node()}`;
    const argument = what === "set" ? `{${name}, []}` : name;
    await control("eval", `rabbit_alarm:${what}_alarm(${argument}).`);
  };

  const guard = startGuard(folder);
  let epmd: ChildProcess | null = null;
  let broker: ChildProcess | null = null;
  const start = async (): Promise<void> => {
    if (epmd === null) {
      epmd = guard.spawn("epmd", ["-port", String(epmdPort), "-address", "127.0.0.1"], env);
      await until(
        () => answers(epmdPort, null),
        epmd,
        () => "",
      );
    }
    let output = "";
    broker = guard.spawn(join(PROGRAMS, "rabbitmq-server"), [], env);
    for (const stream of [broker.stdout, broker.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    }
    await until(
      () => answers(port, AMQP),
      broker,
      () => output,
    );
    if (tls)
      await until(
        () => answers(tlsPort, null),
        broker,
        () => output,
      );
  };
  const kill9 = async (): Promise<void> => {
    if (broker === null) return;
    await guard.kill(broker);
    broker = null;
    // The Erlang machine is not the process that was waited for.
    while (await answers(port, null)) await pause();
  };
  const stop = guard.end;
  try {
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    port,
    tls: certificates === null ? null : { port: tlsPort, certificates },
    managementPort: management ? managementPort : null,
    url: `amqp://${user.name}:${encodeURIComponent(user.password)}@127.0.0.1:${port}`,
    user,
    writer,
    vhost,
    control,
    log: () => readFile(join(file("log"), `${node}.log`), "utf8"),
    raiseAlarm: (resource = "disk") => alarm("set", resource)(),
    clearAlarm: (resource = "disk") => alarm("clear", resource)(),
    kill9,
    async restart() {
      await kill9();
      await start();
    },
    stop,
  };
}

type Guard = {
  /** A process group of its own, so that the Erlang machine's helpers go with it. */
  spawn: (command: string, args: string[], env: Record<string, string>) => ChildProcess;
  kill: (child: ChildProcess) => Promise<void>;
  /** Ends all that was started, and deletes the folder. */
  end: () => Promise<void>;
};

/** Starts what it can end again, also when this process is killed before it could. */
function startGuard(folder: string): Guard {
  const list = join(folder, "groups");
  const script = `cat > /dev/null; for group in $(cat "$0"); do kill -9 "-$group"; done; rm -rf "$1"; sleep 1; rm -rf "$1"`;
  const shell = spawn("sh", ["-c", script, list, folder], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  const ended = once(shell, "exit");
  const children = new Set<ChildProcess>();
  // Only those that run: a number is given to another process later.
  const note = (): void => writeFileSync(list, [...children].map(({ pid }) => pid ?? "").join("\n"));
  const kill = async (child: ChildProcess): Promise<void> => {
    if (!children.delete(child) || child.pid === undefined) return;
    note();
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, "exit");
    process.kill(-child.pid, "SIGKILL");
    await exit;
  };
  return {
    spawn(command, args, env) {
      const stdio: StdioOptions = ["ignore", "pipe", "pipe"];
      const child = spawn(command, args, { env, cwd: folder, detached: true, stdio });
      children.add(child);
      note();
      return child;
    },
    kill,
    async end() {
      await Promise.all([...children].map(kill));
      shell.stdin?.end();
      await ended;
    },
  };
}

async function until(
  isReady: () => Promise<boolean>,
  child: ChildProcess,
  output: () => string,
): Promise<void> {
  const end = Date.now() + START_MS;
  while (!(await isReady())) {
    if (child.exitCode !== null || Date.now() > end) {
      throw new Error(`${child.spawnfile} does not answer (exit code ${child.exitCode}):\n${output()}`);
    }
    await pause();
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 100));
}

/** Whether the port takes connections; with a greeting, whether it answers that. */
function answers(port: number, greeting: Buffer | null): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const end = (isReady: boolean): void => {
      socket.destroy();
      resolve(isReady);
    };
    socket.once("connect", () => {
      if (greeting === null) end(true);
      else socket.write(greeting);
    });
    socket.once("data", () => end(true));
    // The broker takes connections a moment before it is ready, and ends them.
    socket.once("error", () => end(false));
    socket.once("close", () => end(false));
  });
}

/** Below those that the system gives to clients: one of them would take the port of a server that is down for a moment. */
const LOWEST_PORT = 12_000;
const END_OF_PORTS = 32_000;

/** Ports that nobody has now. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = LOWEST_PORT + Math.floor(Math.random() * (END_OF_PORTS - LOWEST_PORT));
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false));
      server.listen(port, "127.0.0.1", () => resolve(true));
    });
    if (!isFree) continue;
    server.close();
    await once(server, "close");
    ports.add(port);
  }
  return [...ports];
}
