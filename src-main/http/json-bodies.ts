import { isUtf8 } from "node:buffer";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { WaybillError } from "../../src-shared/errors.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Takes a JSON request without a body as one without input. */
    bodyOptional?: boolean;
  }
}

/**
 * Takes JSON only, and says where it breaks. Keys such as `__proto__` are plain data to
 * `JSON.parse` and are kept: a record is kept as it was sent.
 */
export function registerJsonBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    "application/json",
    { parseAs: "buffer" },
    async (request: FastifyRequest, body: Buffer) => {
      if (body.length === 0) {
        if (request.routeOptions.config.bodyOptional === true) return undefined;
        throw new WaybillError("malformed", "The body is empty. Send JSON.");
      }
      if (!isUtf8(body)) throw new WaybillError("malformed", "The body is not UTF-8 text.");
      try {
        return JSON.parse(body.toString("utf8")) as unknown;
      } catch (error) {
        throw new WaybillError("malformed", `The body is not JSON: ${(error as SyntaxError).message}`);
      }
    },
  );
  app.addHook("preParsing", async (request, _reply, payload) => {
    const encoding = request.headers["content-encoding"];
    if (encoding === undefined || encoding === "identity") return payload;
    throw new WaybillError("unsupported_media_type", `Send the body as it is, without ${encoding} encoding.`);
  });
}
