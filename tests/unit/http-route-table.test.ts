import fastify from "fastify";
import { expect, test } from "vitest";
import { RouteTable } from "../../src-main/http/error-replies.ts";

test("knows which methods an address takes", async () => {
  const app = fastify();
  const routes = new RouteTable(app);
  app.get("/messages/:uuid", async () => "");
  app.patch("/messages/:uuid", async () => "");
  app.get("/openapi.json", async () => "");
  app.get("/*", async () => "");
  await app.ready();
  expect(routes.methodsAt("/messages/1")).toEqual(["GET", "HEAD", "PATCH"]);
  expect(routes.methodsAt("/openapi.json")).toContain("GET");
  expect(routes.methodsAt("/openapiXjson")).toEqual([]);
  expect(routes.methodsAt("/messages/1/2")).toEqual([]);
  await app.close();
});
