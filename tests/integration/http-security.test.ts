import { readFile, stat } from "node:fs/promises";
import type { IncomingHttpHeaders } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { type Answer, type Host, startHost } from "./support/host.ts";

let host: Host;
beforeAll(async () => {
  host = await startHost();
});

const forbidden = (answer: Answer) => {
  expect(answer.status).toBe(403);
  expect(answer.json.error.code).toBe("forbidden");
};

describe("the token", () => {
  test("is in a private file", async () => {
    expect(host.token).toMatch(/^[\w-]{43}$/);
    if (process.platform !== "win32") {
      expect((await stat(join(host.dataDir, "token"))).mode & 0o777).toBe(0o600);
      expect((await stat(host.dataDir)).mode & 0o777).toBe(0o700);
    }
  });

  test.each([
    ["/messages", "GET"],
    ["/messages", "POST"],
    ["/stats", "GET"],
    ["/export", "GET"],
    ["/sessions", "GET"],
    ["/system_logs", "GET"],
    ["/openapi.json", "GET"],
    ["/docs", "GET"],
    ["/api/access.get", "POST"],
    ["/api/import", "POST"],
    ["/api/exports/1", "GET"],
    ["/nowhere", "POST"],
  ])("%s %s needs it", async (path, method) => {
    const none = await host.request(path, { method, token: null });
    expect(none.status).toBe(401);
    expect(none.json.error.code).toBe("unauthorized");
    expect(none.headers["www-authenticate"]).toContain("Bearer");
  });

  test.each(["Bearer", "Bearer ", "Bearer wrong", "Basic dXNlcjpwYXNz", "bearer"])(
    "%j is not it",
    async (authorization) => {
      expect((await host.request("/messages", { token: null, headers: { authorization } })).status).toBe(401);
    },
  );

  test("is not taken in an address", async () => {
    expect((await host.request(`/messages?token=${host.token}`, { token: null })).status).toBe(401);
    await expect(host.connect(`/live?token=${host.token}`, { token: null })).rejects.toMatchObject({
      status: 401,
    });
  });

  test("may be tried wrongly only so often, and the right one is still taken", async () => {
    const own = await startHost();
    const statuses: number[] = [];
    let last: Answer | undefined;
    for (let count = 0; count < 25; count += 1) {
      last = await own.request("/messages", { token: `wrong-${count}` });
      statuses.push(last.status);
    }
    expect(statuses.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 401));
    expect(statuses.at(-1)).toBe(429);
    expect(last?.json.error.code).toBe("rate_limited");
    expect(Number(last?.headers["retry-after"])).toBeGreaterThan(0);
    expect((await own.request("/messages")).status).toBe(200);
    expect((await own.request("/open", { token: null, body: { token: "wrong" } })).status).toBe(429);
  });

  test("can be replaced: the old one and every other browser's session end at once", async () => {
    const own = await startHost();
    const [mine, other] = [await signIn(own), await signIn(own)];
    const rotated = await own.request("/api/access.rotateToken", {
      token: null,
      body: {},
      headers: { cookie: mine },
    });
    const { token } = rotated.json.value;
    expect((await own.request("/messages")).status).toBe(401);
    expect((await own.request("/messages", { token })).status).toBe(200);
    expect((await readFile(join(own.dataDir, "token"), "utf8")).trim()).toBe(token);
    // The browser that changed it goes on with a session of the new token.
    const renewed = sessionCookie(rotated);
    expect((await own.request("/messages", { token: null, headers: { cookie: renewed } })).status).toBe(200);
    for (const cookie of [mine, other]) {
      expect((await own.request("/messages", { token: null, headers: { cookie } })).status).toBe(401);
    }
    expect((await own.request(own.link.slice(own.url.length), { token: null })).status).toBe(401);
  });
});

describe("a page on another site", () => {
  test("that was rebound to this machine gets 403, also with the token, on every kind of route", async () => {
    for (const name of [
      "evil.example",
      `evil.example:${host.port}`,
      "127.0.0.1",
      `127.0.0.1:${host.port + 1}`,
    ]) {
      for (const path of ["/messages", "/health", "/", "/openapi.json"]) {
        forbidden(await host.request(path, { headers: { host: name } }));
      }
    }
    expect((await host.request("/messages", { headers: { host: `localhost:${host.port}` } })).status).toBe(
      200,
    );
  });

  test("with another origin gets 403, also null and another port of this machine", async () => {
    for (const origin of [
      "http://evil.example",
      "null",
      `http://127.0.0.1:${host.port + 1}`,
      `https://127.0.0.1:${host.port}`,
    ]) {
      forbidden(await host.request("/messages", { headers: { origin } }));
      forbidden(await host.request("/messages", { body: {}, headers: { origin } }));
      forbidden(await host.request("/open", { body: { token: host.token }, headers: { origin } }));
      await expect(host.connect("/live", { headers: { origin } })).rejects.toMatchObject({ status: 403 });
      await expect(host.connect("/api/events", { headers: { origin } })).rejects.toMatchObject({
        status: 403,
      });
    }
    expect((await host.request("/messages", { headers: { origin: host.url } })).status).toBe(200);
  });

  test("is refused its preflight, and gets no permission from any answer", async () => {
    const preflight = { origin: "http://evil.example", "access-control-request-method": "POST" };
    forbidden(await host.request("/messages", { method: "OPTIONS", token: null, headers: preflight }));
    forbidden(await host.request("/messages", { method: "OPTIONS", headers: { origin: host.url } }));
    expect((await host.request("/messages")).headers).not.toHaveProperty("access-control-allow-origin");
  });

  test("can't have a GET sent along with the cookie", async () => {
    const headers = {
      cookie: await signIn(host),
      "sec-fetch-site": "same-site",
      "sec-fetch-mode": "no-cors",
    };
    forbidden(await host.request("/export", { token: null, headers }));
  });
});

describe("the UI", () => {
  test("is opened once by the printed link, which leaves a strict cookie", async () => {
    const own = await startHost();
    const path = own.link.slice(own.url.length);
    const opened = await own.request(path, { token: null });
    expect(opened.status).toBe(303);
    expect(opened.headers.location).toBe("/");
    const [cookie = ""] = opened.headers["set-cookie"] ?? [];
    expect(cookie).toMatch(
      new RegExp(
        `^waybill_${own.port}=\\d+\\.[\\w-]{43}\\.[\\w-]{43}; Max-Age=2592000; Path=/; HttpOnly; SameSite=Strict$`,
      ),
    );
    const session = cookie.split(";")[0] ?? "";
    expect((await own.request("/messages", { token: null, headers: { cookie: session } })).status).toBe(200);

    const again = await own.request(path, { token: null });
    expect(again.status).toBe(401);
    expect(again.headers["content-type"]).toContain("text/html");
    expect(again.text).toContain("waybill serve");
    expect(again.headers["set-cookie"]).toBeUndefined();
  });

  test("is opened with the token too, from the UI or from the form", async () => {
    expect(await signIn(host)).toMatch(/^waybill_/);
    const wrong = await host.request("/open", { token: null, body: { token: "wrong" } });
    expect(wrong.status).toBe(401);
    expect((await host.request("/open", { token: null, body: {} })).status).toBe(422);

    const form = { "content-type": "application/x-www-form-urlencoded" };
    const sent = await host.request("/open", { token: null, headers: form, body: `token=${host.token}` });
    expect(sent.status).toBe(303);
    const refused = await host.request("/open", { token: null, headers: form, body: "token=wrong" });
    expect(refused.status).toBe(401);
    expect(refused.text).toContain("<form");
    expect(refused.headers["referrer-policy"]).toBe("same-origin");
  });

  test("is served to anyone under a strict policy, and knows its pages from data by what is asked for", async () => {
    const html = { accept: "text/html,*/*;q=0.8" };
    for (const path of ["/", "/messages", "/sessions/abc", "/health"]) {
      const page = await host.request(path, { token: null, headers: html });
      expect(page.status).toBe(200);
      expect(page.headers["content-type"]).toContain("text/html");
      expect(page.headers["cache-control"]).toBe("no-cache");
      const policy = page.headers["content-security-policy"] ?? "";
      expect(policy).toContain("default-src 'self'");
      expect(policy).toContain("script-src 'self';");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(page.headers["x-content-type-options"]).toBe("nosniff");
      expect(page.headers["referrer-policy"]).toBe("no-referrer");
    }
    const script = /src="(\/assets\/[^"]+\.js)"/.exec((await host.request("/", { token: null })).text)?.[1];
    const asset = await host.request(script ?? "", { token: null });
    expect(asset.status).toBe(200);
    expect(asset.headers["cache-control"]).toContain("immutable");
    expect((await host.request("/../token", { token: null })).status).toBe(404);
    expect((await host.request("/assets/%2e%2e/%2e%2e/main/cli.js", { token: null })).status).not.toBe(200);
    expect((await host.request("/assets/none.js", { token: null })).status).toBe(404);
  });
});

describe("every error has the one shape", () => {
  test.each([
    ["GET", "/nowhere.txt", 404],
    ["DELETE", "/messages", 405],
    ["GET", "/api/health.get", 405],
    ["GET", "/messages/%zz", 400],
  ])("%s %s is %i", async (method, path, status) => {
    const answer = await host.request(path, { method });
    expect(answer.status).toBe(status);
    expect(answer.json.error).toEqual({ code: expect.any(String), message: expect.any(String) });
  });

  test("a 405 says what is taken", async () => {
    expect((await host.request("/messages", { method: "DELETE" })).headers.allow).toBe("GET, HEAD, POST");
  });

  test("what is not HTTP, and headers without end, too", async () => {
    expect(await raw(host.port, "nonsense\r\n\r\n")).toMatch(/^HTTP\/1.1 400 [\s\S]*"malformed"/);
    const long = `GET / HTTP/1.1\r\nhost: 127.0.0.1:${host.port}\r\nx: ${"x".repeat(20_000)}\r\n\r\n`;
    expect(await raw(host.port, long)).toMatch(/^HTTP\/1.1 431 [\s\S]*"too_large"/);
  });
});

async function signIn(to: Host): Promise<string> {
  const answer = await to.request("/open", { token: null, body: { token: to.token } });
  expect(answer.status).toBe(200);
  return sessionCookie(answer);
}

function sessionCookie(answer: { headers: IncomingHttpHeaders }): string {
  return answer.headers["set-cookie"]?.[0]?.split(";")[0] ?? "";
}

function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    socket.on("data", (data) => {
      answer += String(data);
    });
    socket.on("error", reject);
    socket.on("close", () => resolve(answer));
  });
}
