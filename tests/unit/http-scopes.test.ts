import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { FastifyInstance, RouteOptions } from "fastify";
import { beforeAll, expect, test } from "vitest";
import { PROCEDURE_SCOPES, ROUTE_SCOPES, SCOPES, scopeOfRoute, suffices } from "../../src-main/api/scopes.ts";
import type { HostContext } from "../../src-main/http/host-context.ts";
import { createServer } from "../../src-main/http/server.ts";
import { PROCEDURES } from "../../src-shared/contract/index.ts";

const routes: { name: string; isOpen: boolean }[] = [];

/** Hears of every route of the server that is built, the plugins' included. */
const listen = (message: unknown): void => {
  const { fastify } = message as { fastify: FastifyInstance };
  fastify.addHook("onRoute", ({ method, url, config }: RouteOptions) => {
    for (const each of [method].flat())
      routes.push({ name: `${each} ${url}`, isOpen: config?.open === true });
  });
};

beforeAll(async () => {
  subscribe("fastify.initialization", listen);
  // Routes are registered, and none is called.
  const context = {
    stopping: new AbortController().signal,
    keys: {},
    token: {},
    sessions: {},
    systems: {},
  } as HostContext;
  const app = await createServer({
    context,
    host: "127.0.0.1",
    logLevel: "silent",
    uiRoot: import.meta.dirname,
    version: "0.0.0",
  });
  unsubscribe("fastify.initialization", listen);
  await app.close();
});

const isDescription = (name: string) => /^(?:GET|HEAD) \/docs(?:\/|$)/.test(name);
const named = (name: string) => name.replace(/^HEAD /, "GET ");

test("every route says who may use it: a scope, or anyone", () => {
  expect(routes.length).toBeGreaterThan(Object.keys(ROUTE_SCOPES).length);
  const undecided = routes.filter(
    ({ name, isOpen }) => !isOpen && !isDescription(name) && !Object.hasOwn(ROUTE_SCOPES, named(name)),
  );
  expect(undecided).toEqual([]);
  expect(routes.filter(({ name, isOpen }) => isOpen && Object.hasOwn(ROUTE_SCOPES, named(name)))).toEqual([]);
});

test("the table names no route that is not there", () => {
  const names = new Set(routes.map(({ name }) => name));
  expect(Object.keys(ROUTE_SCOPES).filter((name) => !names.has(name))).toEqual([]);
});

test("open to anyone are the UI's files, its sign-in and a health without details", () => {
  const open = routes.filter(({ isOpen }) => isOpen).map(({ name }) => named(name));
  expect([...new Set(open)].sort()).toEqual(["GET /*", "GET /health", "GET /open", "POST /open"]);
});

test("every procedure has its scope", () => {
  expect(Object.keys(PROCEDURE_SCOPES).sort()).toEqual(Object.keys(PROCEDURES).sort());
  for (const [name, scope] of Object.entries(PROCEDURE_SCOPES))
    expect(scopeOfRoute("POST", `/api/${name}`)).toBe(scope);
});

test("looking needs read, whatever is looked at; what nobody thought of needs admin", () => {
  for (const [name, scope] of Object.entries(ROUTE_SCOPES))
    if (name.startsWith("GET ")) expect(scope).toBe("read");
  expect(scopeOfRoute("HEAD", "/messages")).toBe("read");
  expect(scopeOfRoute("GET", "/docs/static/index.html")).toBe("read");
  expect(scopeOfRoute("GET", "/docstore")).toBe("admin");
  expect(scopeOfRoute("DELETE", "/messages")).toBe("admin");
});

test("a scope suffices for itself, and admin for all", () => {
  for (const scope of SCOPES) {
    expect(suffices([scope], scope)).toBe(true);
    expect(suffices(["admin"], scope)).toBe(true);
  }
  expect(suffices(["write"], "read")).toBe(false);
  expect(suffices(["read"], "write")).toBe(false);
  expect(suffices(["read", "write"], "admin")).toBe(false);
});
