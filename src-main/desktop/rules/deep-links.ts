const MAX_ID_LENGTH = 4_096;

/**
 * The page of the UI that a `waybill://` link asks for, or null for one that names none:
 * `waybill://message/<uuid>` and `waybill://session/<id>`. What it names need not exist.
 */
export function routeOfLink(link: string): string | null {
  const url = URL.parse(link);
  if (url === null || url.protocol !== "waybill:") return null;
  const id = readId(url.pathname);
  if (id === null) return null;
  switch (url.host) {
    case "message":
      return `/messages?${new URLSearchParams({ message: id })}`;
    case "session":
      return `/sessions/${encodeURIComponent(id)}`;
    default:
      return null;
  }
}

function readId(path: string): string | null {
  const [, written = "", ...rest] = path.replace(/\/$/, "").split("/");
  if (written === "" || rest.length > 0) return null;
  try {
    const id = decodeURIComponent(written);
    // A dot alone would be a step in the path of the route.
    return id.length > MAX_ID_LENGTH || /^\.{1,2}$/.test(id) ? null : id;
  } catch {
    return null;
  }
}
