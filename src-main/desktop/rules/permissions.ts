import { isAppAddress } from "./app-address.ts";

/** A page may put what was chosen into the clipboard, for "Copy"; nothing else is ever granted. */
export function isGranted(permission: string, requestingAddress: string): boolean {
  return permission === "clipboard-sanitized-write" && isAppAddress(requestingAddress);
}
