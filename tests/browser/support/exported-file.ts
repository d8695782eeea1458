import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import Papa from "papaparse";

export type ExportedFile = { name: string; text: string };

/** Exports what the page shows through its dialog, and gives the file that the browser got. */
export async function exportFile(
  page: Page,
  format: "CSV" | "JSON" | "NDJSON" | "HTML",
  button = "Export report",
): Promise<ExportedFile> {
  await page.getByRole("button", { name: button }).click();
  const dialog = page.getByRole("dialog", { name: button });
  await dialog.getByRole("radio", { name: format, exact: true }).click();
  const downloaded = page.waitForEvent("download");
  await dialog.getByRole("button", { name: `Export ${format}` }).click();
  const download = await downloaded;
  const text = await readFile(await download.path(), "utf8");
  await dialog.getByRole("button", { name: "Close" }).last().click();
  return { name: download.suggestedFilename(), text };
}

/** Rows of a CSV file by their column names. */
export function readCsv(text: string): Record<string, string>[] {
  const { data, errors } = Papa.parse<Record<string, string>>(text, { header: true, skipEmptyLines: true });
  if (errors.length > 0) throw new Error(`The CSV is not well-formed: ${errors[0]?.message}`);
  return data;
}
