import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Input, Output, ProcedureName } from "../../../src-shared/contract/index.ts";
import type { Reply } from "../../../src-shared/errors.ts";
import type { MessageInput } from "../../../src-shared/record.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
/** Of another build where one is named, as for the integration tests. */
const WAYBILL =
  process.env.WAYBILL_DIST === undefined
    ? resolve(ROOT, "scripts/waybill.mjs")
    : resolve(ROOT, process.env.WAYBILL_DIST, "main/cli.js");

/** A built host on a data directory of its own. */
export type Host = {
  url: string;
  /** The one-time link that it printed. */
  link: string;
  token: string;
  dataDir: string;
  /** A procedure of the UI, called past the UI. Rejects where it fails. */
  call<N extends ProcedureName>(name: N, input: Input<N>): Promise<Output<N>>;
  /** Sends records as another program would, and waits until they are accepted. */
  log(...records: MessageInput[]): Promise<void>;
  /** Ends it in order; rejects where it could not settle its work. */
  stop(): Promise<void>;
};

/** Runs one command to its end; rejects with what it told where it fails. */
export async function runWaybill(...args: string[]): Promise<void> {
  const child = spawn(process.execPath, [WAYBILL, ...args], { stdio: ["ignore", "ignore", "pipe"] });
  let told = "";
  child.stderr.on("data", (chunk) => {
    told += chunk;
  });
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`waybill ${args.join(" ")} ended with ${code}: ${told}`);
}

/** `port` 0 takes any free one. */
export async function startHost(dataDir: string, port = 0): Promise<Host> {
  const args = [WAYBILL, "serve", "--json", "--port", String(port), "--data-dir", dataDir];
  // In the data directory, so that no .env of the checkout is read.
  const child = spawn(process.execPath, args, { cwd: dataDir, stdio: ["ignore", "pipe", "inherit"] });
  const { url, link } = await readAddresses(child);
  const token = (await readFile(join(dataDir, "token"), "utf8")).trim();
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };

  const host: Host = {
    url,
    link,
    token,
    dataDir,
    async call<N extends ProcedureName>(name: N, input: Input<N>) {
      const response = await fetch(`${url}/api/${name}`, {
        method: "POST",
        headers,
        body: JSON.stringify(input),
      });
      const reply = (await response.json()) as Reply<Output<N>>;
      if (!reply.ok) throw new Error(`${name}: ${reply.error.message}`);
      return reply.value;
    },
    async log(...records) {
      const { accepted } = await host.call("messages.log", { records });
      if (accepted !== records.length) throw new Error(`${records.length - accepted} records were rejected`);
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      const [code] = await ended;
      if (code !== 0) throw new Error(`The host ended with ${code}`);
    },
  };
  return host;
}

/** The two lines that `serve --json` begins with. */
async function readAddresses(child: ChildProcess): Promise<{ url: string; link: string }> {
  if (child.stdout === null) throw new Error("The host's output is not read");
  let url = "";
  for await (const line of createInterface({ input: child.stdout })) {
    const told = JSON.parse(line) as { event: string; url: string };
    if (told.event === "listening") url = told.url;
    if (told.event === "ui") return { url, link: told.url };
  }
  throw new Error("The host ended before it listened");
}
