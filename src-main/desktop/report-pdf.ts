import { writeFile } from "node:fs/promises";
import { BrowserWindow } from "electron";
import type { PeriodInput } from "../../src-shared/contract/statistics.ts";
import { PRIVATE_FILE } from "../api/atomic-file.ts";
import type { Core } from "../api/core.ts";
import { writeWhole } from "./desktop-files.ts";
import { APP_SCHEME } from "./rules/app-address.ts";
import { PRINT_PREFERENCES } from "./rules/page-preferences.ts";

/** Not the UI's host: what is shown there may not speak to us, and no script runs in it. */
const REPORT_HOST = "report";

/** The report that is about to be printed, for `app://report/`. */
export class ReportPages {
  #html: string | null = null;

  /** Null for an address that is not of a report. */
  answer(request: Request): Response | null {
    if (URL.parse(request.url)?.host !== REPORT_HOST) return null;
    return new Response(this.#html, {
      status: this.#html === null ? 404 : 200,
      headers: {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
      },
    });
  }

  /** Writes the report of a period as PDF. Throws the ledger's errors, and `cannot_accept` for the file. */
  async writePdf(core: Pick<Core, "ledger">, period: PeriodInput, target: string): Promise<void> {
    let html = "";
    for await (const { text } of core.ledger.exportChunks({ ...period, what: "report", format: "html" })) {
      html += text;
    }
    const page = new BrowserWindow({ show: false, webPreferences: PRINT_PREFERENCES });
    try {
      this.#html = html;
      await page.webContents.loadURL(`${APP_SCHEME}://${REPORT_HOST}/`);
      const pdf = await page.webContents.printToPDF({ pageSize: "A4", printBackground: true });
      await writeWhole(target, (path) => writeFile(path, pdf, { mode: PRIVATE_FILE }));
    } finally {
      this.#html = null;
      page.destroy();
    }
  }
}
