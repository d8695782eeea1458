import type { ExportInput } from "../../src-shared/contract/upkeep.ts";
import { WaybillError } from "../../src-shared/errors.ts";

/** Throws `invalid` for a format that this kind of export does not have. */
export function requireFormat({ format, what = "messages" }: Pick<ExportInput, "format" | "what">): void {
  if (format !== "html" || what === "report") return;
  const message = `format: html is for the report only. Choose csv, json or ndjson for ${what.replace("_", " ")}, or what=report.`;
  throw new WaybillError("invalid", message);
}
