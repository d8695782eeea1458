import type { Page } from "@playwright/test";
import Papa from "papaparse";
import { type ExportedFile, expectFile } from "./files.ts";
import type { Host } from "./host.ts";

/** Exports what the page shows through its dialog, and gives the file. */
export async function exportFile(
  page: Page,
  host: Host,
  format: "CSV" | "JSON" | "NDJSON" | "HTML",
): Promise<ExportedFile> {
  const button = "Export report";
  await page.getByRole("button", { name: button }).click();
  const dialog = page.getByRole("dialog", { name: button });
  await dialog.getByRole("radio", { name: format, exact: true }).click();
  const file = await expectFile(page, host);
  await dialog.getByRole("button", { name: `Export ${format}` }).click();
  const exported = await file();
  await dialog.getByRole("button", { name: "Close" }).last().click();
  return exported;
}

/** Rows of a CSV file by their column names. */
export function readCsv(text: string): Record<string, string>[] {
  const { data, errors } = Papa.parse<Record<string, string>>(text, { header: true, skipEmptyLines: true });
  if (errors.length > 0) throw new Error(`The CSV is not well-formed: ${errors[0]?.message}`);
  return data;
}
