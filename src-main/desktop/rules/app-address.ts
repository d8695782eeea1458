/** The scheme that the window's pages come from; registered as standard and secure, so that they have an origin. */
export const APP_SCHEME = "app";
export const APP_HOST = "waybill";
export const APP_ORIGIN = `${APP_SCHEME}://${APP_HOST}`;

/** Whether an address is of the UI. Read by its parts: Node knows no origin for a scheme of one's own. */
export function isAppAddress(address: string): boolean {
  const url = URL.parse(address);
  return (
    url !== null &&
    url.protocol === `${APP_SCHEME}:` &&
    url.host === APP_HOST &&
    url.username === "" &&
    url.password === ""
  );
}
