// Chromium alone knows no scheme of the app's own: `app://waybill/x` is `https://waybill.app.test/x` to the page.
const SUFFIX = ".app.test";

export function toPageAddress(address: string): string {
  const match = /^app:\/\/([^/?#]*)(.*)$/s.exec(address);
  return match === null ? address : `https://${match[1]}${SUFFIX}${match[2] || "/"}`;
}

export function toAppAddress(address: string): string {
  const url = URL.parse(address);
  if (url === null || url.protocol !== "https:" || !url.host.endsWith(SUFFIX)) return address;
  return `app://${url.host.slice(0, -SUFFIX.length)}${url.pathname}${url.search}${url.hash}`;
}
