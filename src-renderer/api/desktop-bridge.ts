import type { WaybillBridge } from "../../src-shared/desktop-bridge.ts";

export type DesktopBridge = WaybillBridge<File>;

/** What the desktop app's preload gives to the page; null in a browser. */
export const desktopBridge = (globalThis as { waybill?: DesktopBridge }).waybill ?? null;
