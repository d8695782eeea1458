// The programs that tests use and npm does not bring.
import { accessSync, constants, existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";

/** @param {string} name @returns {string | undefined} */
export function findProgram(name) {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return join(folder, name);
    } catch {}
  }
  return undefined;
}

export const findChromium = () =>
  findProgram("chromium") ?? findProgram("chromium-browser") ?? findProgram("google-chrome");

function hasPostgres() {
  const versions = "/usr/lib/postgresql";
  return (
    existsSync(versions) &&
    readdirSync(versions).some((each) => existsSync(join(versions, each, "bin/postgres")))
  );
}

/** Debian's packages for what is missing. */
export function missingPackages() {
  return [
    ...(findChromium() ? [] : ["chromium"]),
    ...(findProgram("sqlite3") ? [] : ["sqlite3"]),
    // The torture's power cuts record the host's writes.
    ...(findProgram("gcc") ? [] : ["gcc", "libc6-dev"]),
    // What records are forwarded to.
    ...(existsSync("/usr/lib/rabbitmq/bin/rabbitmq-server") ? [] : ["rabbitmq-server"]),
    ...(hasPostgres() ? [] : ["postgresql"]),
  ];
}
