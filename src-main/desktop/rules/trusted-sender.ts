import { isAppAddress } from "./app-address.ts";

/** The part of Electron's frame that says who speaks. */
export type SenderFrame = { readonly url: string; readonly parent: object | null };

/**
 * Whether a message from a renderer is to be heard: it comes from the main frame of a window of ours,
 * and that frame shows the UI. `frame` is null where it went away after it spoke.
 */
export function isTrustedSender(frame: SenderFrame | null, isOwnWindow: boolean): boolean {
  return isOwnWindow && frame !== null && frame.parent === null && isAppAddress(frame.url);
}
