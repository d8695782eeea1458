import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test as base, expect, type Page } from "@playwright/test";
import type { Host } from "./host.ts";
import { sampleFolder } from "./make-sample.ts";
import { goTo } from "./open-page.ts";
import { type HostKind, startHost } from "./start-host.ts";

export { expect, type Page };

export type WorkerOptions = {
  /** What every host of these tests is. */
  kind: HostKind;
};

type WorkerFixtures = {
  /** A host with the sample, shared by every test that only reads. */
  demoHost: Host;
};

type TestFixtures = {
  /** An empty folder, to start hosts in. */
  folder: string;
  /** Starts a host on a folder; it is ended after the test, if not before. */
  start: (folder: string) => Promise<Host>;
  /** What `host` starts with. */
  ledger: "empty" | "demo";
  /** A host of the test's own, to change as it likes. */
  host: Host;
  /** Shows a path of a host's UI in the page that the test has of it, and waits until its data is there. */
  open: (host: Host, path: string) => Promise<Page>;
  /** The page that the test has of a host, wherever it is. */
  pageOf: (host: Host) => Promise<Page>;
};

export const test = base.extend<TestFixtures, WorkerFixtures & WorkerOptions>({
  kind: ["headless", { option: true, scope: "worker" }],
  demoHost: [
    async ({ kind }, use) => {
      await inTemporaryFolder((folder) => withHost(kind, folder, "demo", use));
    },
    { scope: "worker", timeout: 60_000 },
  ],
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures' names off the pattern
  folder: async ({}, use) => {
    await inTemporaryFolder(async (folder) => {
      const dataDir = join(folder, "data");
      await mkdir(dataDir);
      await use(dataDir);
    });
  },
  // With the folder, whoever names it first: hosts end before it is removed.
  start: async ({ kind, folder: _ }, use) => {
    const started: Host[] = [];
    await use(async (folder) => {
      const host = await startHost(kind, folder);
      started.push(host);
      return host;
    });
    for (const host of started) await host.stop();
  },
  ledger: ["demo", { option: true }],
  host: async ({ kind, ledger }, use) => {
    await inTemporaryFolder((folder) => withHost(kind, folder, ledger, use));
  },
  pageOf: async ({ context }, use) => {
    const pages = new Map<Host, Page>();
    await use(async (host) => {
      const page = pages.get(host) ?? (await host.openWindow(context));
      pages.set(host, page);
      return page;
    });
  },
  open: async ({ pageOf }, use) => {
    await use(async (host, path) => goTo(await pageOf(host), host, path));
  },
});

async function withHost(
  kind: HostKind,
  folder: string,
  ledger: "empty" | "demo",
  use: (host: Host) => Promise<void>,
): Promise<void> {
  const dataDir = join(folder, "data");
  if (ledger === "demo") await cp(sampleFolder(), dataDir, { recursive: true });
  else await mkdir(dataDir);
  const host = await startHost(kind, dataDir);
  try {
    await use(host);
  } finally {
    await host.stop();
  }
}

async function inTemporaryFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "waybill-browser-"));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
