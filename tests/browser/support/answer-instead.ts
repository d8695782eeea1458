import type { Page } from "@playwright/test";
import type { Output, ProcedureName } from "../../../src-shared/contract/index.ts";
import type { Host } from "./host.ts";

/** Has the page answered with this in place of what a procedure gives. To be used with a host of the test's own. */
export async function answerInstead<N extends ProcedureName>(
  page: Page,
  { desktop }: Host,
  name: N,
  value: Output<N>,
): Promise<void> {
  if (desktop !== null) return desktop.answerInstead(name, value);
  await page.route(`**/api/${name}`, (route) => route.fulfill({ json: { ok: true, value } }));
}
