// `npm run bench [-- options]`: measures the built Waybill on the pinned Node; see tests/bench/options.ts.
import { spawnSync } from "node:child_process";
import { at, pinnedNode, root } from "./lib/checkout.mjs";

const { status } = spawnSync(pinnedNode, [at("tests", "bench", "main.ts"), ...process.argv.slice(2)], {
  cwd: root,
  stdio: "inherit",
});
process.exit(status ?? 1);
