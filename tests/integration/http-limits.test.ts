import { once } from "node:events";
import { type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { beforeAll, describe, expect, test } from "vitest";
import { type Host, startHost } from "./support/host.ts";
import { eventually } from "./support/waybill.ts";

const MIB = 1024 * 1024;
const NDJSON = { "content-type": "application/x-ndjson" };

let host: Host;
beforeAll(async () => {
  host = await startHost();
});

/** A request whose body is written piece by piece. */
function openUpload(
  to: Host,
  headers: Record<string, string> = NDJSON,
): { upload: ClientRequest; answer: Promise<IncomingMessage> } {
  const upload = httpRequest(`${to.url}/messages`, {
    method: "POST",
    agent: false,
    headers: { authorization: `Bearer ${to.token}`, ...headers },
  });
  const answer = once(upload, "response").then(([response]) => response as IncomingMessage);
  // A test that goes away does not wait for it.
  answer.catch(() => {});
  return { upload, answer };
}

async function readJson(
  response: IncomingMessage,
): Promise<{ error: { code: string; message: string; details?: object } }> {
  let text = "";
  for await (const chunk of response) text += String(chunk);
  return JSON.parse(text);
}

const count = async (q: string): Promise<number> =>
  (await host.request("/api/messages.count", { body: { q } })).json.value.count;

describe("a record over 1 MiB", () => {
  const record = (bytes: number, topic = "large") => ({ topic, message_data: { x: "x".repeat(bytes - 10) } });

  test("is 413 alone and rejected among others; one of just 1 MiB is taken", async () => {
    expect((await host.request("/messages", { body: record(MIB) })).status).toBe(202);
    const alone = await host.request("/messages", { body: record(MIB + 1) });
    expect(alone.status).toBe(413);
    expect(alone.json.error.code).toBe("too_large");
    const among = await host.request("/messages", { body: [record(MIB + 1), { topic: "small" }] });
    expect(among.status).toBe(202);
    expect(among.json).toMatchObject({ accepted: 1, rejected: [{ index: 0 }] });
    const line = await host.request("/messages", { headers: NDJSON, body: JSON.stringify(record(MIB + 1)) });
    expect(line.status).toBe(413);
  });
});

describe("a body over 64 MiB", () => {
  test("is 413 to a sender that reads only when it has sent, whatever it said about its length", async () => {
    const body = Buffer.alloc(65 * MIB, " ");
    const announced = await fetch(`${host.url}/messages`, {
      method: "POST",
      headers: { authorization: `Bearer ${host.token}`, "content-type": "application/json" },
      body,
    });
    expect(announced.status).toBe(413);
    expect(await announced.json()).toMatchObject({ error: { code: "too_large" } });

    const { upload, answer } = openUpload(host, { "content-type": "application/json" });
    for (let sent = 0; sent < 65; sent += 1) upload.write(Buffer.alloc(MIB, " "));
    upload.end();
    expect((await answer).statusCode).toBe(413);
  });

  test("as NDJSON is 413 too, and says how many records were accepted before", async () => {
    const line = `${JSON.stringify({ topic: "flood", message_data: { x: "x".repeat(MIB / 2) } })}\n`;
    const { upload, answer } = openUpload(host);
    upload.on("error", () => {});
    for (let sent = 0; sent < 140; sent += 1) {
      if (!upload.write(line)) await Promise.race([once(upload, "drain"), answer]);
    }
    upload.end();
    const response = await answer;
    expect(response.statusCode).toBe(413);
    const { error } = await readJson(response);
    const accepted = (error.details as { accepted: number }).accepted;
    expect(accepted).toBeGreaterThan(0);
    expect(await count("topic:flood")).toBe(accepted);
  });

  test("is 401 without a token, whatever its size", async () => {
    const answer = await fetch(`${host.url}/messages`, { method: "POST", body: Buffer.alloc(8 * MIB, " ") });
    expect(answer.status).toBe(401);
  });
});

describe("NDJSON as it arrives", () => {
  test("is accepted before its end is sent", async () => {
    const { upload, answer } = openUpload(host);
    upload.write('{"topic":"early"}\n{"topic":"early"}\n{"topic":"ea');
    await eventually(async () => expect(await count("topic:early")).toBe(2));
    upload.end('rly"}');
    const response = await answer;
    expect(response.statusCode).toBe(202);
    expect(await readJson(response)).toMatchObject({ accepted: 3 });
  });

  test("keeps what came before the sender went away", async () => {
    const { upload } = openUpload(host);
    upload.on("error", () => {});
    upload.write('{"topic":"gone"}\n{"topic":"gone"}\n{"topic":"go');
    await eventually(async () => expect(await count("topic:gone")).toBe(2));
    upload.destroy();
    await new Promise((done) => setTimeout(done, 200));
    expect(await count("topic:gone")).toBe(2);
    expect((await host.request("/health")).status).toBe(200);
  });

  test("is never answered 2xx when the host stops in the middle", async () => {
    const own = await startHost();
    const { upload, answer } = openUpload(own);
    upload.on("error", () => {});
    upload.write('{"topic":"a"}\n{"topic":"b"}\n');
    await eventually(async () => {
      expect((await own.request("/messages")).json.messages).toHaveLength(2);
    });
    const stopped = own.stop();
    const response = await answer;
    expect(response.statusCode).toBe(503);
    expect(await readJson(response)).toMatchObject({
      error: { code: "unavailable", details: { accepted: 2 } },
    });
    expect(await stopped).toBe(0);
  });

  test("of 50,000 records goes in as one body", async () => {
    const lines = Array.from(
      { length: 50_000 },
      (_, index) => `{"topic":"bulk","message_data":{"n":${index}}}`,
    );
    const { status, json } = await host.request("/messages", { headers: NDJSON, body: lines.join("\n") });
    expect(status).toBe(202);
    expect(json.accepted).toBe(50_000);
    expect(new Set(json.message_uuids).size).toBe(50_000);
    expect(await count("topic:bulk")).toBe(50_000);
  });
});

describe("GET /export", () => {
  test("stops reading when the client goes, and the host goes on", async () => {
    const request = httpRequest(`${host.url}/export?format=ndjson`, {
      agent: false,
      headers: { authorization: `Bearer ${host.token}` },
    });
    request.end();
    const [response] = (await once(request, "response")) as [IncomingMessage];
    await once(response, "data");
    response.destroy();
    expect((await host.request("/health")).status).toBe(200);
    const whole = await host.request("/export?format=ndjson&filter=topic:bulk");
    expect(whole.text.split("\n").filter(Boolean)).toHaveLength(50_000);
  });

  // The last of the file: it ends the host.
  test("does not hold up a host that is asked to end, and never looks whole then", async () => {
    const request = httpRequest(`${host.url}/export?format=ndjson`, {
      agent: false,
      headers: { authorization: `Bearer ${host.token}` },
    });
    request.end();
    const [response] = (await once(request, "response")) as [IncomingMessage];
    response.pause();
    const began = Date.now();
    expect(await host.stop()).toBe(0);
    expect(Date.now() - began).toBeLessThan(10_000);
    const failed = once(response, "error");
    response.resume();
    expect((await failed)[0]).toMatchObject({ code: "ECONNRESET" });
    expect(response.complete).toBe(false);
  });
});
