import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["tests/unit/**/*.test.{ts,tsx}"], testTimeout: 30_000 } },
      {
        test: {
          // The built host and CLI as processes, and the ledger with real faults: two files at a time, which mostly
          // wait for what they start and stop.
          name: "integration",
          include: ["tests/integration/**/*.test.ts"],
          maxWorkers: 2,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
