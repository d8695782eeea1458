import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test as base, expect, type Page } from "@playwright/test";
import { sampleFolder } from "../../browser/support/make-sample.ts";
import { StandIn, type StartOptions } from "./stand-in.ts";

export { expect, type Page };

type Start = (options?: Partial<StartOptions>) => Promise<StandIn>;

type TestFixtures = {
  /** What the data folder holds at first. */
  ledger: "empty" | "demo";
  /** A data folder of the test's own. */
  dataDir: string;
  /** Starts the app; ended after the test. */
  start: Start;
};

export const test = base.extend<TestFixtures>({
  ledger: ["empty", { option: true }],
  dataDir: async ({ ledger }, use) => {
    const folder = await mkdtemp(join(tmpdir(), "waybill-desktop-"));
    if (ledger === "demo") await cp(sampleFolder(), join(folder, "data"), { recursive: true });
    await use(join(folder, "data"));
    await rm(folder, { recursive: true, force: true });
  },
  start: async ({ dataDir, context }, use) => {
    const started: StandIn[] = [];
    await use(async (options = {}) => {
      const app = await StandIn.start({ dataDir, context, cwd: join(dataDir, ".."), ...options });
      started.push(app);
      return app;
    });
    for (const app of started) await app.stop();
  },
});
