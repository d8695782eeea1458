import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";

/** Debian keeps the server's programs by version, outside the path. */
const PROGRAMS = "/usr/lib/postgresql";
const FIRST_VERSION = 15;
const START_MS = 20_000;
const RESTARTS = 20;
const RESTART_MS = 200;

export type Postgres = {
  port: number;
  /** Its folder, which it alone writes to. */
  directory: string;
  /** As it runs now: another one after a restart. */
  readonly process: ChildProcess;
  /** A new database with the roles of Supabase, and what a template has; its name. */
  createDatabase: (template?: string) => Promise<string>;
  /** A client of the superuser, or of another role; to be ended by the caller. */
  connect: (database: string, user?: string) => Promise<pg.Client>;
  /** Has it show another certificate from the next connection on; only where it was started with one. */
  recertify: (certificate: Certificate) => Promise<void>;
  /** The server and all that it started for its clients, without a word to them. */
  kill9: () => Promise<void>;
  /** Starts it again on the same port and files, after `kill9` or out of its run. */
  restart: () => Promise<void>;
  /** Ends it as a shutdown of the machine would, and removes its folder. */
  stop: () => Promise<void>;
};

/** Paths of PEM files. */
type Certificate = { cert: string; key: string };

function findPrograms(): string | null {
  if (!existsSync(PROGRAMS)) return null;
  const versions = readdirSync(PROGRAMS)
    .map(Number)
    .filter((version) => version >= FIRST_VERSION && existsSync(join(PROGRAMS, `${version}/bin/postgres`)));
  return versions.length === 0 ? null : join(PROGRAMS, String(Math.max(...versions)), "bin");
}

/** PostgreSQL refuses to run as root: then it runs as the account that came with it. */
function findAccount(): { uid: number; gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  const idOf = (flag: string): number => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
  return { uid: idOf("-u"), gid: idOf("-g") };
}

/** Whether this machine has PostgreSQL: apt-get install -y --no-install-recommends postgresql */
export const hasPostgres = findPrograms() !== null;

/** A server of the tests' own on a free loopback port. It keeps nothing through a power failure, and is fast so. */
export async function startPostgres({ tls }: { tls?: Certificate } = {}): Promise<Postgres> {
  const programs = findPrograms();
  if (programs === null) throw new Error("PostgreSQL is not installed");
  const account = findAccount();
  const directory = mkdtempSync(join(tmpdir(), "waybill-postgres-"));
  if (account !== null) chownSync(directory, account.uid, account.gid);
  const asAccount = { ...account, cwd: directory };
  const data = join(directory, "data");
  const initdb = ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"];
  execFileSync(join(programs, "initdb"), initdb, { ...asAccount, stdio: ["ignore", "ignore", "pipe"] });
  const port = await freePort();
  const certify = ({ cert, key }: Certificate): void => {
    // PostgreSQL takes no key that others may read.
    for (const [file, name] of [
      [cert, "server.crt"],
      [key, "server.key"],
    ] as const) {
      copyFileSync(file, join(data, name));
      chmodSync(join(data, name), 0o600);
      if (account !== null) chownSync(join(data, name), account.uid, account.gid);
    }
  };
  if (tls !== undefined) certify(tls);
  const settings = {
    port,
    ssl: tls === undefined ? "off" : "on",
    listen_addresses: "127.0.0.1",
    unix_socket_directories: directory,
    fsync: "off",
    max_connections: 50,
    timezone: "Asia/Kathmandu",
  };
  const args = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  let log = "";
  const run = (): ChildProcess => {
    const started = spawn(join(programs, "postgres"), ["-D", data, ...args], {
      ...asAccount,
      stdio: ["ignore", "ignore", "pipe"],
    });
    started.stderr?.setEncoding("utf8").on("data", (text: string) => {
      log = (log + text).slice(-10_000);
    });
    return started;
  };
  let child = run();
  let guard = startGuard(child, directory);
  // Whoever ends without stopping it takes it along.
  const kill = (): void => void child.kill("SIGQUIT");
  process.once("exit", kill);
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;

  const connect = async (database: string, user = "postgres"): Promise<pg.Client> => {
    const client = new pg.Client({ host: "127.0.0.1", port, user, database });
    // Told by the query that fails of it, too.
    client.on("error", () => {});
    await client.connect();
    return client;
  };
  const kill9 = async (): Promise<void> => {
    const ended = once(child, "exit");
    const helpers = childrenOf(child.pid ?? 0);
    child.kill("SIGKILL");
    for (const pid of helpers) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It has ended by itself: its server is gone.
      }
    }
    await ended;
  };
  const restart = async (): Promise<void> => {
    if (!hasEnded()) await kill9();
    for (let tries = 0; ; tries += 1) {
      child = run();
      guard = startGuard(child, directory);
      try {
        return await (
          await untilReady(
            connect,
            () => child,
            () => log,
          )
        ).end();
      } catch (error) {
        // The memory that the killed ones shared is freed a moment later.
        if (!hasEnded() || tries === RESTARTS) throw error;
        await pause(RESTART_MS);
      }
    }
  };
  const stop = async (): Promise<void> => {
    process.off("exit", kill);
    guard.kill("SIGKILL");
    if (!hasEnded()) {
      const ended = once(child, "exit");
      child.kill("SIGINT");
      await ended;
    }
    rmSync(directory, { recursive: true, force: true });
  };

  let databases = 0;
  const createDatabase = async (template?: string): Promise<string> => {
    databases += 1;
    const name = `test_${databases}`;
    const client = await connect("postgres");
    try {
      await client.query(`CREATE DATABASE ${name}${template === undefined ? "" : ` TEMPLATE ${template}`}`);
    } finally {
      await client.end();
    }
    return name;
  };

  try {
    const client = await untilReady(
      connect,
      () => child,
      () => log,
    );
    await client.query(SUPABASE_ROLES);
    await client.end();
  } catch (error) {
    await stop();
    throw error;
  }
  const recertify = async (certificate: Certificate): Promise<void> => {
    certify(certificate);
    const client = await connect("postgres");
    await client.query("SELECT pg_reload_conf()");
    await client.end();
  };
  return {
    port,
    directory,
    recertify,
    get process() {
      return child;
    },
    createDatabase,
    connect,
    kill9,
    restart,
    stop,
  };
}

/** Ends it, and deletes its folder, where this process is killed before it could: the guard's input ends with it. */
function startGuard(child: ChildProcess, directory: string): ChildProcess {
  const script = 'cat > /dev/null; kill -QUIT "$0"; sleep 1; rm -rf "$1"';
  const guard = spawn("sh", ["-c", script, String(child.pid), directory], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  // Its number is given to another process later.
  child.once("exit", () => guard.kill("SIGKILL"));
  return guard;
}

/** The processes that one has started and that run, one for each client among them. */
function childrenOf(parent: number): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => {
      try {
        // Behind the name, which may hold anything, come the state and the parent.
        const [, after = ""] = /\) \S (\d+) /.exec(readFileSync(`/proc/${pid}/stat`, "utf8")) ?? [];
        return Number(after) === parent;
      } catch {
        return false;
      }
    });
}

/** As Supabase makes them: the API logs in as one that may become each of the others. */
const SUPABASE_ROLES = `
  CREATE ROLE anon NOLOGIN NOINHERIT;
  CREATE ROLE authenticated NOLOGIN NOINHERIT;
  CREATE ROLE service_role NOLOGIN NOINHERIT BYPASSRLS;
  CREATE ROLE authenticator LOGIN NOINHERIT;
  GRANT anon, authenticated, service_role TO authenticator;
`;

/** Supabase's defaults for what is made in a database later, which waybill.sql has to take back where it must. */
export const SUPABASE_DEFAULTS = `
  GRANT USAGE ON SCHEMA public TO anon, authenticated, service_role;
  ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON TABLES TO anon, authenticated, service_role;
  ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON FUNCTIONS TO anon, authenticated, service_role;
  ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON SEQUENCES TO anon, authenticated, service_role;
`;

export function readWaybillSql(): string {
  return readFileSync(join(import.meta.dirname, "../../assets/supabase/waybill.sql"), "utf8");
}

async function untilReady(
  connect: (database: string) => Promise<pg.Client>,
  child: () => ChildProcess,
  log: () => string,
): Promise<pg.Client> {
  const until = Date.now() + START_MS;
  for (;;) {
    try {
      return await connect("postgres");
    } catch (error) {
      if (child().exitCode !== null || Date.now() > until)
        throw new Error(`PostgreSQL did not start: ${log()}`, { cause: error });
      await pause(50);
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("No port is free");
  return address.port;
}
