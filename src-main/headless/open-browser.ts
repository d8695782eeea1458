import open from "open";

/** Only where a person sits at a desktop; the link is printed anyway. */
function isDesktop(): boolean {
  const { CI, WAYBILL_NO_OPEN, DISPLAY, WAYLAND_DISPLAY } = process.env;
  if (CI || WAYBILL_NO_OPEN || !process.stdout.isTTY) return false;
  return process.platform === "darwin" || process.platform === "win32" || Boolean(DISPLAY || WAYLAND_DISPLAY);
}

export async function openBrowser(link: string): Promise<void> {
  if (!isDesktop()) return;
  try {
    const browser = await open(link);
    // A desktop without a browser: the printed link is what is left.
    browser.on("error", () => {});
  } catch {
    // As above.
  }
}
