import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { BrowserContext, Page } from "@playwright/test";
import type { Input, Output, ProcedureName } from "../../../src-shared/contract/index.ts";
import type { Reply } from "../../../src-shared/errors.ts";
import type { MessageInput } from "../../../src-shared/record.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
/** Of another build where one is named, as for the integration tests. */
export const WAYBILL =
  process.env.WAYBILL_DIST === undefined
    ? resolve(ROOT, "scripts/waybill.mjs")
    : resolve(ROOT, process.env.WAYBILL_DIST, "main/cli.js");

/** A built Waybill on a data directory of its own, whatever shows its pages. */
export type Host = {
  dataDir: string;
  /** Of its HTTP API. */
  apiUrl: string;
  /** Of its HTTP API, as it was when the host started. */
  token: string;
  /** Where its pages are, as their addresses begin. */
  pageUrl: string;
  /** A procedure of the UI, called past the UI. Rejects where it fails. */
  call<N extends ProcedureName>(name: N, input: Input<N>): Promise<Output<N>>;
  /** Sends records as another program would, and waits until they are accepted. */
  log(...records: MessageInput[]): Promise<void>;
  /** A page of it for whoever may see it, on its way to the first one. A desktop app has one window: the last goes. */
  openWindow(context: BrowserContext): Promise<Page>;
  readClipboard(page: Page): Promise<string>;
  /** Gives what the page is answered and told from now on, as text. */
  listen(page: Page): Promise<() => Promise<string[]>>;
  /** Null for the headless host. */
  desktop: Desktop | null;
  /** Ends it in order; rejects where it could not settle its work. */
  stop(): Promise<void>;
};

/** What a desktop app does apart from its page. */
export type Desktop = {
  /** What its next save dialog is answered with. */
  saveTo(path: string): Promise<void>;
  /** The path that its last save dialog offered. */
  offeredPath(): Promise<string>;
  /** Makes the path known that a file of this name has on the disk. */
  noteChosen(name: string, path: string): Promise<void>;
  /** Has the page answered with this in place of what a procedure gives. */
  answerInstead<N extends ProcedureName>(name: N, value: Output<N>): Promise<void>;
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

/** What the page, which belongs to this browser, put into the clipboard. */
export async function readBrowserClipboard(page: Page): Promise<string> {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  return page.evaluate(() => navigator.clipboard.readText());
}

/** The part of a host that its HTTP API gives. */
export function apiOf(apiUrl: string, token: string): Pick<Host, "apiUrl" | "token" | "call" | "log"> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const api: Pick<Host, "apiUrl" | "token" | "call" | "log"> = {
    apiUrl,
    token,
    async call<N extends ProcedureName>(name: N, input: Input<N>) {
      const body = JSON.stringify(input);
      const response = await fetch(`${apiUrl}/api/${name}`, { method: "POST", headers, body });
      const reply = (await response.json()) as Reply<Output<N>>;
      if (!reply.ok) throw new Error(`${name}: ${reply.error.message}`);
      return reply.value;
    },
    async log(...records) {
      const { accepted } = await api.call("messages.log", { records });
      if (accepted !== records.length) throw new Error(`${records.length - accepted} records were rejected`);
    },
  };
  return api;
}
