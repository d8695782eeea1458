import { existsSync } from "node:fs";
import { sep } from "node:path";
import { fileURLToPath } from "node:url";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { WaybillError } from "../../src-shared/errors.ts";
import { UI_POLICY } from "./security-headers.ts";

/** Beside the built host: `dist/main` and `dist/renderer`. */
export const UI_ROOT = fileURLToPath(new URL("../renderer", import.meta.url));

/** The UI's pages; some of these addresses are data as well, for those who do not ask for a page. */
const PAGES = /^\/(?:messages|sessions|system-log|health|settings)?(?:[/?]|$)/;
/** Addresses that a browser may open and that are never the UI's; on all others it says that there is no such page. */
const NEVER_PAGES =
  /^\/(?:api|docs|open|openapi\.json|export|stats|system_logs|live|events|history)(?:[/?]|$)/;
const FILE = /\.\w+(?:\?|$)/;
/** Vite names these by their content. */
const HASHED = `${sep}assets${sep}`;

/** `/messages` is data for a program and a page for a browser's address bar. */
function wantsPage({ method, url, headers }: FastifyRequest): boolean {
  if (method !== "GET" && method !== "HEAD") return false;
  if (!(headers.accept ?? "").includes("text/html")) return false;
  return PAGES.test(url) || !(NEVER_PAGES.test(url) || FILE.test(url));
}

/** Serves the built UI, open to anyone: it holds no data, and asks for the token itself. */
export async function registerUi(app: FastifyInstance, root: string): Promise<void> {
  const isBuilt = existsSync(root);
  if (isBuilt)
    await app.register(fastifyStatic, {
      root,
      serve: false,
      cacheControl: false,
      dotfiles: "ignore",
      setHeaders,
    });

  app.addHook("onRequest", async (request, reply) => {
    if (!wantsPage(request)) return;
    if (!isBuilt)
      throw new WaybillError("not_found", "The UI is not built here. Run `npm run build` and start again.");
    reply.header("vary", "accept");
    return reply.sendFile("index.html");
  });
  if (!isBuilt) return;
  app.get("/*", { config: { open: true }, schema: { hide: true } as object }, (request, reply) =>
    reply.sendFile((request.params as { "*": string })["*"] || "index.html"),
  );
}

function setHeaders(reply: FastifyReply, path: string): void {
  reply.headers({
    "cache-control": path.includes(HASHED) ? "public, max-age=31536000, immutable" : "no-cache",
    "content-security-policy": UI_POLICY,
  });
}
