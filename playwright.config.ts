import { defineConfig } from "@playwright/test";
import { findElectron, hasDisplay } from "./scripts/lib/electron-binary.mjs";
import { findChromium } from "./scripts/lib/test-tools.mjs";
import type { WorkerOptions } from "./tests/browser/support/fixtures.ts";

/**
 * Chromium's address bar is a page of its own, loaded anew for each window, which takes as long as a page of ours. The last
 * such switch counts alone, so that those of Playwright's that matter here are said again.
 */
const WITHOUT_FEATURES = [
  ...["WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup"],
  ...["AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades"],
  ...["HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "OptimizationHints", "PaintHolding"],
  "ThirdPartyStoragePartitioning",
].join(",");
/** Of tests that are about HTTP itself, which a desktop app's window does without. */
const OVER_HTTP = /@http/;
const browser = { testDir: "tests/browser" };
const desktop = { ...browser, grepInvert: OVER_HTTP };
const hasElectron = hasDisplay() && findElectron() !== undefined;

export default defineConfig<object, WorkerOptions>({
  globalSetup: "./tests/browser/support/make-sample.ts",
  outputDir: "test-results/browser",
  workers: 2,
  timeout: 120_000,
  // Two browsers and their hosts share what may be two slow cores.
  expect: { timeout: 30_000 },
  forbidOnly: process.env.CI === "true",
  reporter: [["line"], ["json", { outputFile: "test-results/browser.json" }]],
  use: {
    browserName: "chromium",
    viewport: { width: 1440, height: 900 },
    // A trace costs a third of a test's time: `npm run test:browser -- --trace retain-on-failure` to look into one.
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
        `--disable-features=${WITHOUT_FEATURES}`,
      ],
    },
  },
  projects: [
    { name: "headless", ...browser, use: { kind: "headless" } },
    { name: "stand-in", ...desktop, use: { kind: "stand-in" } },
    ...(hasElectron ? [{ name: "electron", ...desktop, use: { kind: "electron" } as const }] : []),
    // What only a desktop app has, on the stand-in and, where it is there, on Electron itself.
    { name: "desktop", testDir: "tests/desktop" },
  ],
});
