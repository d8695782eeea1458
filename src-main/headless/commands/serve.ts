import type { Command } from "commander";
import type pg from "pg";
import { act, addDataDir, type CommonOptions, wholeNumber } from "../command.ts";
import { readArgument, UsageError } from "../failures.ts";

type ServeOptions = CommonOptions & {
  host: string;
  port: number;
  archive?: string | true;
  tlsCert?: string;
  tlsKey?: string;
  tlsCa?: string;
  insecureBind?: boolean;
};

export const DEFAULT_PORT = 8001;

export function serveCommand(program: Command): void {
  const command = addDataDir(program.command("serve"))
    .description("run the host: the API and the UI")
    .option("--host <address>", "the address to listen on", "127.0.0.1")
    .option("--port <port>", "the port; 0 picks a free one", wholeNumber(0, 65_535), DEFAULT_PORT)
    .option(
      "--archive [url]",
      "show a team's archive, such as postgres://user@host/database, in place of this machine's ledger; without a URL that of DATABASE_URL",
    )
    .option(
      "--tls-cert <file>",
      "listen with https: the certificate and its chain, PEM (or WAYBILL_TLS_CERT)",
    )
    .option("--tls-key <file>", "its private key, PEM (or WAYBILL_TLS_KEY)")
    .option("--tls-ca <file>", "take only clients with a certificate of this authority (or WAYBILL_TLS_CA)")
    .option("--insecure-bind", "listen on more than the loopback without TLS")
    .option("--json", "tell on stdout, in JSON lines, when it listens");
  act<ServeOptions>(command, async ({ host, port, json, archive, insecureBind, ...tls }, dataDir) => {
    const { WAYBILL_TLS_CERT, WAYBILL_TLS_KEY, WAYBILL_TLS_CA } = process.env;
    // The HTTP server is not loaded for every other command.
    const { serve } = await import("../serve.ts");
    return serve({
      host,
      port,
      json: json === true,
      dataDir,
      archive: await readArchive(archive),
      tlsCert: tls.tlsCert ?? (WAYBILL_TLS_CERT || undefined),
      tlsKey: tls.tlsKey ?? (WAYBILL_TLS_KEY || undefined),
      tlsCa: tls.tlsCa ?? (WAYBILL_TLS_CA || undefined),
      insecureBind: insecureBind === true,
    });
  });
}

/** Where the archive is; null for a ledger. Throws `UsageError`. */
async function readArchive(archive: string | true | undefined): Promise<pg.ClientConfig | null> {
  if (archive === undefined) return null;
  const { archiveOptions } = await import("../../archive/connection.ts");
  const options = readArgument(() => archiveOptions(process.env, archive === true ? undefined : archive));
  if (options === null) throw new UsageError("name the archive: --archive postgres://user@host/database.");
  return options;
}
