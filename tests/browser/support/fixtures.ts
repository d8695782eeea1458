import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test as base, expect, type Page } from "@playwright/test";
import { type Host, runWaybill, startHost } from "./host.ts";

export { expect, type Page };

const DEMO_MS = 120_000;

type WorkerFixtures = {
  /** A data directory with the sample, to be copied. */
  demoData: string;
  /** A host with the sample, shared by every test that only reads. */
  demoHost: Host;
};

type TestFixtures = {
  /** An empty folder, to start hosts in. */
  folder: string;
  /** What `host` starts with. */
  ledger: "empty" | "demo";
  /** A host of the test's own, to change as it likes. */
  host: Host;
};

export const test = base.extend<TestFixtures, WorkerFixtures>({
  demoData: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures' names off the pattern
    async ({}, use) => {
      await inTemporaryFolder(async (folder) => {
        await runWaybill("demo", "--data-dir", folder);
        await use(folder);
      });
    },
    { scope: "worker", timeout: DEMO_MS },
  ],
  demoHost: [
    async ({ demoData }, use) => {
      await inTemporaryFolder((folder) => withHost(folder, demoData, use));
    },
    { scope: "worker", timeout: DEMO_MS },
  ],
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures' names off the pattern
  folder: async ({}, use) => inTemporaryFolder(use),
  ledger: ["demo", { option: true }],
  host: async ({ ledger, demoData }, use) => {
    await inTemporaryFolder((folder) => withHost(folder, ledger === "demo" ? demoData : null, use));
  },
});

async function withHost(
  folder: string,
  copied: string | null,
  use: (host: Host) => Promise<void>,
): Promise<void> {
  if (copied !== null) await cp(copied, folder, { recursive: true });
  const host = await startHost(folder);
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
    await rm(folder, { recursive: true, force: true });
  }
}
