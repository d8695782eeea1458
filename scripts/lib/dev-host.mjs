// For `npm run dev`: the renderer comes from Vite with hot reload, everything else from the host behind it.
import { existsSync } from "node:fs";
import { join } from "node:path";

/** @returns {import("vite").Plugin} */
export function devHost(host = process.env.WAYBILL_DEV_HOST ?? "") {
  return {
    name: "waybill:dev-host",
    apply: (_config, { command, isPreview }) => command === "serve" && !isPreview && host !== "",
    config: (config) => ({
      server: {
        proxy: {
          "^/": {
            target: host,
            ws: true,
            changeOrigin: true,
            // The host accepts pages of its own origin only; here Vite stands in for them.
            headers: { origin: host },
            bypass: (request) => (isForVite(config.root ?? ".", request) ? request.url : undefined),
          },
        },
      },
    }),
    // A page itself comes from Vite, unless the host has something to say to it: a one-time link sets a cookie
    // and sends the browser on.
    configureServer(server) {
      server.middlewares.use(async (request, response, next) => {
        if (!isNavigation(request)) return next();
        try {
          const cookie = request.headers.cookie;
          const answer = await fetch(new URL(request.url ?? "/", host), {
            redirect: "manual",
            headers: { accept: "text/html", ...(cookie ? { cookie } : {}) },
          });
          const cookies = answer.headers.getSetCookie();
          if (cookies.length > 0) response.setHeader("set-cookie", cookies);
          const location = answer.headers.get("location");
          if (!location) return next();
          response.writeHead(answer.status, { location: location.replace(host, "") }).end();
        } catch {
          next();
        }
      });
    },
  };
}

/** @param {import("node:http").IncomingMessage} request */
function isNavigation(request) {
  return request.method === "GET" && (request.headers.accept ?? "").includes("text/html");
}

/** @param {string} root @param {import("node:http").IncomingMessage} request */
function isForVite(root, request) {
  if (isNavigation(request)) return true;
  const path = decodeURIComponent((request.url ?? "/").replace(/[?#].*/s, ""));
  return (
    path.startsWith("/@") ||
    path.startsWith("/node_modules/") ||
    (path !== "/" && existsSync(join(root, path)))
  );
}
