import type { FastifyInstance } from "fastify";
import type pg from "pg";
import { SECOND_MS } from "../../src-shared/time.ts";
import { errnoOf } from "../api/atomic-file.ts";
import { type Core, openCore } from "../api/core.ts";
import { logLevel } from "../api/environment.ts";
import { settlesWithin } from "../api/settles-within.ts";
import type { ArchiveCore } from "../archive/serve-archive.ts";
import { BrowserSessions } from "../http/browser-sessions.ts";
import { isLoopback } from "../http/host-guard.ts";
import { createServer } from "../http/server.ts";
import type { Tls } from "../http/tls.ts";
import { UI_ROOT } from "../http/ui.ts";
import { VERSION } from "../ledger/version.ts";
import { environmentSecrets } from "../sync/secrets.ts";
import { addressOf, type BindingOptions, followRenewals, openBinding } from "./binding.ts";
import { exitAtOnce } from "./exit-at-once.ts";
import { EXIT_FAILED, EXIT_OK, UsageError } from "./failures.ts";
import { listenForLegacyClients } from "./legacy-clients.ts";
import { openBrowser } from "./open-browser.ts";
import { tell, writeLine } from "./output.ts";

/** What is in flight may take so long to settle; then its connections are cut. */
const SETTLE_MS = 5 * SECOND_MS;
/** Cancelled jobs may take so long to notice. */
const JOBS_MS = 2 * SECOND_MS;
/** And so long all of it may take, the checkpoint and the closing of the ledger included. */
const STOP_MS = 9 * SECOND_MS;

export type ServeOptions = BindingOptions & {
  port: number;
  json: boolean;
  dataDir: string;
  /** The archive that is shown in the ledger's place. */
  archive: pg.ClientConfig | null;
};

/** Runs the host until it is told to end. Throws `UsageError` where it can't listen. */
export async function serve(options: ServeOptions): Promise<number> {
  const { host } = options;
  const tls = await openBinding(options);
  const warn = (sentence: string) => tell(`waybill: ${sentence}`);
  const stopping = new AbortController();
  // From here on a signal ends the host in order, however far it has come; a second one changes nothing.
  const stopped = new Promise<void>((resolve) => {
    stopping.signal.addEventListener("abort", () => resolve());
  });
  process.on("SIGINT", () => stopping.abort());
  process.on("SIGTERM", () => stopping.abort());

  let url = "";
  const core = await openStore(options, warn, () => url);
  const sessions = new BrowserSessions(core.token);
  const context = { ...core, sessions, stopping: stopping.signal };
  let server: FastifyInstance | null = null;
  let legacyLive: FastifyInstance | null = null;
  try {
    server = await createServer({
      context,
      host,
      logLevel: logLevel(warn),
      uiRoot: UI_ROOT,
      version: VERSION,
      tls,
    });
    url = await listen(server, options, tls);
    legacyLive = await listenForLegacyClients(core);
  } catch (error) {
    await server?.close();
    await core.jobs.close();
    await core.close();
    throw error;
  }
  if (tls !== null) followRenewals(tls, server, stopping.signal, warn);
  else if (!isLoopback(host)) {
    tell(
      `waybill: anyone who can reach ${host} can try to use this host, and what is sent is not encrypted. Its token and its keys alone protect it.`,
    );
  }
  await announce(options, url, `${url}/open?ticket=${sessions.issueTicket()}`);
  await stopped;
  return stop([server, ...(legacyLive === null ? [] : [legacyLive])], core);
}

/** PostgreSQL's client is not loaded for a ledger. */
async function openStore(
  { archive, dataDir }: ServeOptions,
  warn: (sentence: string) => void,
  apiUrl: () => string,
): Promise<Core | ArchiveCore> {
  const sources = { secrets: environmentSecrets(process.env), environment: process.env };
  if (archive === null) return openCore({ dataDir, warn, apiUrl, ...sources });
  const { openArchiveCore } = await import("../archive/serve-archive.ts");
  return openArchiveCore({ archive, dataDir, warn, apiUrl, ...sources });
}

async function listen(
  server: FastifyInstance,
  { host, port }: ServeOptions,
  tls: Tls | null,
): Promise<string> {
  try {
    await server.listen({ host, port });
  } catch (error) {
    throw cannotListen(error, host, port);
  }
  const address = server.server.address();
  const bound = typeof address === "object" && address !== null ? address.port : port;
  return addressOf(host, bound, tls);
}

function cannotListen(error: unknown, host: string, port: number): unknown {
  switch (errnoOf(error)) {
    case "EADDRINUSE":
      return new UsageError(
        `port ${port} of ${host} is taken. Choose another with --port, or 0 for any free one.`,
      );
    case "EACCES":
      return new UsageError(`port ${port} is not yours to use. Choose one above 1023 with --port.`);
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return new UsageError(`${host} is no address of this machine. Choose one with --host.`);
    default:
      return error;
  }
}

async function announce({ json, dataDir }: ServeOptions, url: string, link: string): Promise<void> {
  if (json) {
    await writeLine(JSON.stringify({ event: "listening", url, data_dir: dataDir, pid: process.pid }));
    await writeLine(JSON.stringify({ event: "ui", url: link }));
    return;
  }
  await writeLine(`Waybill listens at ${url}`);
  await writeLine(`Its data is in ${dataDir}`);
  await writeLine(`Open the UI, once within ten minutes: ${link}`);
  await openBrowser(link);
}

/** Refuses new calls, settles what is in flight, checkpoints and closes; gives up before ten seconds are over. */
async function stop(
  servers: readonly FastifyInstance[],
  core: Pick<Core, "jobs" | "close">,
): Promise<number> {
  const deadline = setTimeout(() => {
    tell(
      `waybill: some work did not settle within ${STOP_MS / SECOND_MS} s. Accepted records are safe; the host ends now.`,
    );
    exitAtOnce(EXIT_FAILED);
  }, STOP_MS);
  // A reader that takes its time would hold the host open.
  const cutOff = setTimeout(() => {
    for (const { server } of servers) server.closeAllConnections();
  }, SETTLE_MS);
  // A full check can't be interrupted: what it found is not waited for.
  const jobsEnded = await settlesWithin(JOBS_MS, core.jobs.close());
  await Promise.all(servers.map((server) => server.close()));
  clearTimeout(cutOff);
  await core.close();
  clearTimeout(deadline);
  if (!jobsEnded) exitAtOnce(EXIT_OK);
  return EXIT_OK;
}
