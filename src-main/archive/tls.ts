import { readFileSync } from "node:fs";
import type { ConnectionOptions } from "node:tls";
import { WaybillError } from "../../src-shared/errors.ts";
import { tlsTrouble } from "../sync/tls-trouble.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const MODES = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full", "no-verify"];
const FILES = { sslrootcert: "ca", sslcert: "cert", sslkey: "key" } as const;
/** What of it may stand in an address; pg would read it in ways of its own. */
const PARAMETERS = ["ssl", "sslmode", "uselibpqcompat", ...Object.keys(FILES)];

/** An address without what it says of TLS, and the TLS that it and the environment ask for. Throws `invalid`. */
export function splitTls(
  url: string,
  environment: Environment,
): { connectionString: string; ssl: ConnectionOptions | false } {
  const address = new URL(url);
  const ssl = archiveTls(environment, address.searchParams);
  const said = PARAMETERS.filter((name) => address.searchParams.has(name));
  // Else as it was written: it would be written anew otherwise.
  if (said.length === 0) return { connectionString: url, ssl };
  for (const name of said) address.searchParams.delete(name);
  return { connectionString: address.href, ssl };
}

/**
 * The TLS that is asked for by libpq's names, in an address (`?sslmode=require&sslrootcert=/path/ca.pem`) or in the
 * environment (`PGSSLMODE`, `PGSSLROOTCERT`, `PGSSLCERT`, `PGSSLKEY`); false for none. Wherever it is asked for the
 * certificate and its name are checked, which libpq does for `verify-full` alone; `no-verify` checks neither. Throws `invalid`.
 */
export function archiveTls(
  environment: Environment,
  address = new URLSearchParams(),
): ConnectionOptions | false {
  const setting = (name: string): string | undefined =>
    address.get(name)?.trim() || environment[`PG${name.toUpperCase()}`]?.trim() || undefined;
  const files = Object.entries(FILES).flatMap(([name, option]) => {
    const path = setting(name);
    return path === undefined ? [] : [[option, readPem(name, path)] as const];
  });
  const isAsked = ["true", "1"].includes(address.get("ssl") ?? "") || files.length > 0;
  const mode = setting("sslmode") ?? (isAsked ? "require" : "disable");
  if (!MODES.includes(mode))
    throw new WaybillError("invalid", `sslmode is "${mode}"; it must be one of ${MODES.join(", ")}.`);
  if (mode === "disable") return false;
  return { ...Object.fromEntries(files), rejectUnauthorized: mode !== "no-verify" };
}

/** Why TLS with PostgreSQL does not come about, in words for operators; null where that is not what failed. */
export function archiveTlsTrouble(error: unknown, server: string): string | null {
  return tlsTrouble(error, {
    server,
    authority:
      "Name that authority's certificate in the address, ?sslrootcert=/path/ca.pem, or as PGSSLROOTCERT.",
    client:
      "Give one with its key: ?sslcert=/path/client.pem&sslkey=/path/client.key, or PGSSLCERT and PGSSLKEY.",
    plain: "Switch it on there (ssl = on), or leave sslmode out of the address.",
  });
}

function readPem(name: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    throw new WaybillError(
      "invalid",
      `The file ${path}, which ${name} names for TLS with PostgreSQL, can't be read.`,
    );
  }
}
