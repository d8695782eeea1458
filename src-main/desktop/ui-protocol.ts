import { readFile } from "node:fs/promises";
import { UI_POLICY } from "../http/security-headers.ts";
import { uiFile } from "./rules/ui-file.ts";

const HEADERS = {
  "content-security-policy": UI_POLICY,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
} as const;

/** Answers `app://waybill/…` with the built UI, and everything else with 404. */
export async function serveUi(root: string, request: Request): Promise<Response> {
  if (request.method !== "GET" && request.method !== "HEAD") return new Response(null, { status: 405 });
  const file = uiFile(root, request.url);
  const content = file === null ? null : await readFile(file.path).catch(() => null);
  if (file === null || content === null) return new Response(null, { status: 404, headers: HEADERS });
  const body = request.method === "HEAD" ? null : new Uint8Array(content);
  return new Response(body, { headers: { ...HEADERS, "content-type": file.mediaType } });
}
