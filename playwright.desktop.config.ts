import { defineConfig } from "@playwright/test";

// The built desktop app on the double: see tests/support/electron-double.
export default defineConfig({
  testDir: "tests/desktop",
  outputDir: "test-results/desktop",
  workers: 2,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  forbidOnly: process.env.CI === "true",
  reporter: [["line"], ["json", { outputFile: "test-results/desktop.json" }]],
});
