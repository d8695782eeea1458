import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect } from "@playwright/test";
import { apiOf, type Host, readBrowserClipboard, WAYBILL } from "./host.ts";

/** The headless host: its pages are any browser's that signs in. */
export type HeadlessHost = Host & {
  /** The one-time link that it printed. */
  link: string;
};

/** `port` 0 takes any free one. */
export async function startHeadless(dataDir: string, port = 0): Promise<HeadlessHost> {
  const args = [WAYBILL, "serve", "--json", "--port", String(port), "--data-dir", dataDir];
  // In the data directory, so that no .env of the checkout is read.
  const child = spawn(process.execPath, args, { cwd: dataDir, stdio: ["ignore", "pipe", "inherit"] });
  const { url, link } = await readAddresses(child);
  const token = (await readFile(join(dataDir, "token"), "utf8")).trim();
  return {
    ...apiOf(url, token),
    dataDir,
    pageUrl: url,
    link,
    async openWindow(context) {
      // Without using up the one-time link.
      const response = await context.request.post(`${url}/open`, { data: { token } });
      expect(response.ok()).toBe(true);
      return context.newPage();
    },
    readClipboard: readBrowserClipboard,
    async listen(page) {
      const answers: Promise<string>[] = [];
      page.on("response", (response) => {
        // One that was cancelled has no body.
        if (response.url().includes("/api/")) answers.push(response.text().catch(() => ""));
      });
      page.on("websocket", (socket) => {
        socket.on("framereceived", ({ payload }) => answers.push(Promise.resolve(payload.toString())));
      });
      return () => Promise.all(answers);
    },
    desktop: null,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      const [code] = await ended;
      if (code !== 0) throw new Error(`The host ended with ${code}`);
    },
  };
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
