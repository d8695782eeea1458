import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect } from "@playwright/test";

const START_MS = 30_000;

/** Each app of a test has a port of its own, as its operator could choose one. Gives the address of its HTTP API. */
export async function preferPort(folders: readonly string[], port?: number): Promise<string> {
  const http_port = port ?? (await freePort());
  for (const folder of folders) {
    const path = join(folder, "preferences.json");
    try {
      await mkdir(folder, { recursive: true });
      const before = await readFile(path, "utf8").catch(() => "{}");
      await writeFile(path, JSON.stringify({ ...JSON.parse(before), http_port }));
    } catch {
      // A folder that is broken on purpose.
    }
  }
  return `http://127.0.0.1:${http_port}`;
}

/** Waits until the app takes records. */
export async function untilListening(apiUrl: string): Promise<void> {
  const answers = () =>
    fetch(`${apiUrl}/health`).then(
      () => true,
      () => false,
    );
  await expect.poll(answers, { timeout: START_MS, intervals: [50] }).toBe(true);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (typeof address !== "object" || address === null) throw new Error("The system gave no port");
  return address.port;
}
