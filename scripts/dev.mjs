// `npm run dev [-- what serve takes]`: the host from its sources, restarted when they change, behind Vite's server.
import { spawn } from "node:child_process";
import { createServer as createSocket } from "node:net";
import { createInterface } from "node:readline";
import { createServer } from "vite";
import { at, root } from "./lib/checkout.mjs";

const hostPort = await freePort();
const hostUrl = `http://127.0.0.1:${hostPort}`;
process.env.WAYBILL_DEV_HOST = hostUrl;

const vite = await createServer({
  configFile: at("vite.config.ts"),
  server: { host: "127.0.0.1", port: 5173 },
});
await vite.listen();
const devUrl = (vite.resolvedUrls?.local[0] ?? "http://127.0.0.1:5173/").replace(/\/$/, "");

const serve = [
  at("src-main", "headless", "cli.ts"),
  "serve",
  "--port",
  String(hostPort),
  ...process.argv.slice(2),
];
const host = spawn(process.execPath, ["--watch", "--watch-preserve-output", ...serve], {
  cwd: root,
  env: { ...process.env, WAYBILL_DEV_HOST: hostUrl, WAYBILL_NO_OPEN: "1" },
  stdio: ["ignore", "pipe", "inherit"],
});
// The host prints its one-time link; the page behind it is Vite's.
createInterface({ input: host.stdout }).on("line", (line) => console.log(line.replaceAll(hostUrl, devUrl)));

for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"]))
  process.on(signal, () => host.kill(signal));
host.on("exit", async (code) => {
  await vite.close();
  process.exit(code ?? 0);
});

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((done, fail) => {
    const socket = createSocket();
    socket.on("error", fail);
    socket.listen(0, "127.0.0.1", () => {
      const address = socket.address();
      socket.close(() => done(typeof address === "object" && address ? address.port : 0));
    });
  });
}
