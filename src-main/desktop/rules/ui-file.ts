import { extname, join, sep } from "node:path";
import { isAppAddress } from "./app-address.ts";

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".map": "application/json; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".woff2": "font/woff2",
};

export type UiFile = { path: string; mediaType: string };

/**
 * The built file that an address of the UI stands for, or null where there is none: a page for an
 * address without an extension, and nothing outside of `root`.
 */
export function uiFile(root: string, address: string): UiFile | null {
  if (!isAppAddress(address)) return null;
  let path: string;
  try {
    path = decodeURIComponent(new URL(address).pathname);
  } catch {
    return null;
  }
  if (path.includes("\0") || path.includes("\\")) return null;
  if (path.split("/").some((part) => part.startsWith("."))) return null;
  // Only what is built under assets/ is a file: an id in a page's address may have a dot in it.
  const isFile = path.startsWith("/assets/");
  const file = join(root, isFile ? path : "index.html");
  const mediaType = MEDIA_TYPES[extname(file)];
  return mediaType === undefined || !file.startsWith(root + sep) ? null : { path: file, mediaType };
}
