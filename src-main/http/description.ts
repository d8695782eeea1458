import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { FastifyInstance } from "fastify";
import { jsonSchemaTransform } from "fastify-type-provider-zod";
import { z } from "zod";
import { ERROR_STATUS } from "../../src-shared/errors.ts";
import { scopeOfRoute } from "../api/scopes.ts";
import { UI_POLICY } from "./security-headers.ts";

const INTRODUCTION = `Waybill keeps the record of every message that your systems send.

Every route needs the token or a key that has the scope named at it (\`read\`, \`write\` or \`admin\`).

A record is **accepted** when it is durable on disk; no route answers 2xx for what it did not do.

Two routes are WebSockets and so are not listed below: \`GET /live?q=\` sends each change of a record as it is
accepted, \`GET /api/events\` everything that the UI hears.`;

const errorSchema = z
  .object({
    error: z.object({
      code: z.enum(Object.keys(ERROR_STATUS) as [keyof typeof ERROR_STATUS]),
      message: z.string().describe("What is wrong and what to do, in a sentence"),
      details: z.unknown().optional(),
    }),
  })
  .describe("Every failure has this shape");

const SECURITY_SCHEMES = {
  token: {
    type: "http",
    scheme: "bearer",
    description: "The token of the data directory, which may do everything, or an API key",
  },
  key: {
    type: "apiKey",
    in: "header",
    name: "X-API-Key",
    description: "An API key: `waybill keys create NAME --scope read`",
  },
} as const;

/** Either of them; a key needs the scope that is named. */
function securityOf(method: string | string[], url: string): Record<string, string[]>[] {
  const scope = scopeOfRoute([method].flat()[0] ?? "", url);
  return Object.keys(SECURITY_SCHEMES).map((scheme) => ({ [scheme]: [scope] }));
}

/** The OpenAPI description, made from the very schemas that check the requests. */
export async function registerDescription(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Waybill",
        version,
        description: INTRODUCTION,
        license: { name: "MIT", identifier: "MIT" },
      },
      components: { securitySchemes: SECURITY_SCHEMES },
    },
    transform: (document) => {
      const { schema } = document;
      if (schema === undefined || schema.hide === true) return jsonSchemaTransform(document);
      const response = { ...(schema.response as object | undefined), default: errorSchema };
      const security = schema.security ?? securityOf(document.route.method, document.url);
      return jsonSchemaTransform({ ...document, schema: { ...schema, security, response } });
    },
  });
  await app.register(swaggerUi, {
    routePrefix: "/docs",
    staticCSP: UI_POLICY,
    theme: { title: "Waybill API" },
    // Without the bar that loads other descriptions.
    uiConfig: { deepLinking: false, layout: "BaseLayout" },
  });
  app.get("/openapi.json", { schema: { hide: true } as object }, async () => app.swagger());
}
