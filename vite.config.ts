import { readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { resolve } from "node:path";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { devHost } from "./scripts/lib/dev-host.mjs";

const root = import.meta.dirname;
// scripts/build.mjs builds beside dist and swaps, so that a running host never finds it half empty.
const dist = resolve(root, process.env.WAYBILL_DIST ?? "dist");

const { dependencies } = JSON.parse(readFileSync(resolve(root, "package.json"), "utf8"));
const packages = Object.keys(dependencies).join("|");
const external = [
  /^node:/,
  "electron",
  new RegExp(`^(${builtinModules.join("|")})$`),
  new RegExp(`^(${packages})(/|$)`),
];

// Every target is built from here by `vite build --app`: the renderer, and what runs on Node.
export default defineConfig({
  root: resolve(root, "src-renderer"),
  base: "/",
  plugins: [react(), devHost()],
  environments: {
    client: {
      build: {
        outDir: resolve(dist, "renderer"),
        emptyOutDir: true,
        sourcemap: true,
        chunkSizeWarningLimit: 1500,
      },
    },
    host: {
      consumer: "server",
      build: {
        outDir: resolve(dist, "main"),
        emptyOutDir: true,
        copyPublicDir: false,
        sourcemap: true,
        minify: false,
        target: "node22",
        rolldownOptions: {
          external,
          input: {
            cli: resolve(root, "src-main/headless/cli.ts"),
            desktop: resolve(root, "src-main/desktop/main.ts"),
            "message-logger": resolve(root, "src-main/ledger/message-logger.ts"),
            "chat-logger": resolve(root, "src-main/chat/chat-logger.ts"),
            "ledger-worker": resolve(root, "src-main/ledger/worker.ts"),
            "forwarding-worker": resolve(root, "src-main/sync/worker.ts"),
          },
          // Flat, so that new URL("./ledger-worker.js", import.meta.url) holds in every chunk.
          output: { format: "es", entryFileNames: "[name].js", chunkFileNames: "[name]-[hash].js" },
        },
      },
    },
    preload: {
      consumer: "server",
      build: {
        outDir: resolve(dist, "preload"),
        emptyOutDir: true,
        copyPublicDir: false,
        minify: false,
        rolldownOptions: {
          external: ["electron"],
          input: { preload: resolve(root, "src-main/desktop/preload/preload.ts") },
          // One CommonJS file: a sandboxed preload has no other modules.
          output: { format: "cjs", entryFileNames: "[name].cjs", codeSplitting: false },
        },
      },
    },
  },
  builder: {
    async buildApp(builder) {
      for (const environment of Object.values(builder.environments)) await builder.build(environment);
    },
  },
});
