import { defineConfig } from "@playwright/test";
import { findChromium } from "./scripts/lib/test-tools.mjs";

export default defineConfig({
  testDir: "tests/browser",
  outputDir: "test-results/browser",
  workers: 2,
  timeout: 60_000,
  // Two browsers and their hosts share what may be two slow cores.
  expect: { timeout: 15_000 },
  forbidOnly: process.env.CI === "true",
  reporter: [["line"], ["json", { outputFile: "test-results/browser.json" }]],
  use: {
    browserName: "chromium",
    viewport: { width: 1440, height: 900 },
    trace: "retain-on-failure",
    screenshot: "only-on-failure",
    launchOptions: {
      // The system's own: Playwright's download is neither wanted nor possible everywhere.
      executablePath: findChromium() ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
});
