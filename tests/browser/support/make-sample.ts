import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runWaybill } from "./host.ts";

const VARIABLE = "WAYBILL_TEST_SAMPLE";

/** The data directory with the sample, to be copied; made once before all tests. */
export function sampleFolder(): string {
  const folder = process.env[VARIABLE];
  if (folder === undefined) throw new Error("The configuration makes no sample");
  return folder;
}

/** Playwright calls it before all tests, and what it gives after them. */
// biome-ignore lint/style/noDefaultExport: Playwright asks for one
export default async function makeSample(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "waybill-tests-"));
  // Hosts are started by the hundred: the first one compiles the code for all.
  process.env.NODE_COMPILE_CACHE = join(folder, "code");
  process.env[VARIABLE] = join(folder, "sample");
  await runWaybill("demo", "--data-dir", sampleFolder());
  return () => rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
