import { isAppAddress } from "./app-address.ts";

/** What is said to the browser in one go; longer ones are no addresses that someone wrote. */
const MAX_LINK_LENGTH = 2_048;
/** Pages of the HTTP API that the UI links to, and that the window itself does not have. */
const API_PAGES = /^\/(?:docs(?:\/|$)|openapi\.json$)/;

/**
 * The address that the system's browser may open, or null: only http and https, parsed and written
 * anew, without a name or password in it.
 */
export function externalLink(address: string): string | null {
  if (address.length > MAX_LINK_LENGTH) return null;
  const url = URL.parse(address);
  if (url === null || !(url.protocol === "https:" || url.protocol === "http:")) return null;
  if (url.host === "" || url.username !== "" || url.password !== "") return null;
  return url.href;
}

/**
 * What to give the system's browser for a link that wants a window of its own; null for nothing.
 * `apiUrl` is where the HTTP API answers, empty while it is switched off.
 */
export function linkForNewWindow(address: string, apiUrl: string): string | null {
  if (!isAppAddress(address)) return externalLink(address);
  const { pathname } = new URL(address);
  return apiUrl !== "" && API_PAGES.test(pathname) ? externalLink(`${apiUrl}${pathname}`) : null;
}

/** Whether the window may go there by itself: within the UI, and nowhere else. */
export function mayNavigate(address: string): boolean {
  return isAppAddress(address);
}
