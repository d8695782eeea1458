import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll } from "vitest";
import type { Certificates } from "./certificates.ts";
import { freePorts } from "./rabbitmq.ts";

const START_MS = 10_000;

export type RedisServer = {
  port: number;
  /** Where it was started with certificates. */
  tlsPort: number;
  password: string;
  /** With the password. */
  url: string;
  /** What the client of Redis itself prints, without the last line break. */
  cli: (...args: string[]) => string;
  /** The same with the last argument as its input, for values of any bytes. */
  pipe: (input: string, ...args: string[]) => string;
  /** Ends it as a power failure would. */
  kill9: () => Promise<void>;
  /** It is there and says nothing. */
  freeze: () => void;
  thaw: () => void;
  /** Starts it again on the same port and files. */
  restart: () => Promise<void>;
  stop: () => Promise<void>;
};

/** Whether this machine has Redis: apt-get install -y --no-install-recommends redis-server */
export const hasRedis = runs("redis-server") && runs("redis-cli");

function runs(program: string): boolean {
  try {
    execFileSync(program, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** A server of the tests' own on a free loopback port, which keeps what it has acknowledged through a kill. */
export async function startRedis({ tls }: { tls?: Certificates } = {}): Promise<RedisServer> {
  const directory = mkdtempSync(join(tmpdir(), "waybill-redis-"));
  const [port = 0, tlsPort = 0] = await freePorts(2);
  const password = "r-s3cret/%@:é";
  const settings = {
    port: String(port),
    bind: "127.0.0.1",
    dir: directory,
    requirepass: password,
    save: "",
    appendonly: "yes",
    appendfsync: "always",
    ...(tls === undefined
      ? {}
      : {
          "tls-port": String(tlsPort),
          "tls-cert-file": tls.server.cert,
          "tls-key-file": tls.server.key,
          "tls-ca-cert-file": tls.ca,
          "tls-auth-clients": "no",
        }),
  };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  let child: ChildProcess | null = null;
  let guard: ChildProcess | null = null;

  const env = { ...process.env, REDISCLI_AUTH: password };
  const run = (input: string | undefined, given: string[]): string => {
    const printed = execFileSync("redis-cli", ["-p", String(port), ...given], {
      env,
      encoding: "utf8",
      input: input ?? "",
      stdio: ["pipe", "pipe", "pipe"],
    });
    return printed.replace(/\n$/, "");
  };
  const cli = (...given: string[]): string => run(undefined, given);
  const start = async (): Promise<void> => {
    const server = spawn("redis-server", args, { cwd: directory, stdio: "ignore" });
    child = server;
    guard = startGuard(server, directory);
    const until = Date.now() + START_MS;
    for (;;) {
      try {
        if (cli("ping") === "PONG") return;
      } catch {
        // Not yet.
      }
      if (server.exitCode !== null || Date.now() > until) throw new Error("Redis did not start");
      await pause(25);
    }
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const server = child;
    child = null;
    guard?.kill("SIGKILL");
    if (server === null || server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, "exit");
    server.kill(signal);
    await ended;
  };
  const stop = async (): Promise<void> => {
    await end("SIGKILL");
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    port,
    tlsPort,
    password,
    url: `redis://:${encodeURIComponent(password)}@127.0.0.1:${port}/0`,
    cli,
    pipe: (input, ...given) => run(input, ["-x", ...given]),
    kill9: () => end("SIGKILL"),
    freeze: () => void child?.kill("SIGSTOP"),
    thaw: () => void child?.kill("SIGCONT"),
    async restart() {
      await end("SIGKILL");
      await start();
    },
    stop,
  };
}

/** A server of this test file, started by the first call, stopped after the last test. */
export function sharedRedis(): () => Promise<RedisServer> {
  let started: Promise<RedisServer> | null = null;
  afterAll(async () => {
    await (await started)?.stop();
  });
  return () => {
    started ??= startRedis();
    return started;
  };
}

/** Ends it, and deletes its folder, where this process is killed before it could: the guard's input ends with it. */
function startGuard(child: ChildProcess, directory: string): ChildProcess {
  const script = 'cat > /dev/null; kill -KILL "$0"; sleep 1; rm -rf "$1"';
  const guard = spawn("sh", ["-c", script, String(child.pid), directory], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  // Its number is given to another process later.
  child.once("exit", () => guard.kill("SIGKILL"));
  return guard;
}
