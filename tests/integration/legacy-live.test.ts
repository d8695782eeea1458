import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { beforeAll, describe, expect, test } from "vitest";
import WebSocket from "ws";
import { freePorts } from "../support/rabbitmq.ts";
import { type Host, startHost } from "./support/host.ts";
import { eventually, runWaybill } from "./support/waybill.ts";

let host: Host;
let port: number;
beforeAll(async () => {
  [port = 0] = await freePorts(1);
  host = await startHost({ env: { LEGACY_WEBSOCKET_PORT: String(port) } });
});

/** As the document's own client connects: an address, and nothing else. */
async function listen(headers: Record<string, string> = {}, path = ""): Promise<Record<string, unknown>[]> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers });
  const heard: Record<string, unknown>[] = [];
  socket.on("message", (data) => heard.push(JSON.parse(String(data)) as Record<string, unknown>));
  await once(socket, "open");
  // The ledger begins to watch when the first listens, a moment after the socket is open.
  await new Promise((done) => setTimeout(done, 300));
  return heard;
}

describe("LEGACY_WEBSOCKET_PORT", () => {
  test("tells each accepted message once, with the nine columns, whichever way it came", async () => {
    const heard = await listen();
    const elsewhere = await listen({}, "/any/path");
    const message = {
      message_uuid: randomUUID(),
      origin_ts: "2026-05-27T10:30:00.000Z",
      ack_ts: null,
      message_data: { text: "hello" },
      source_subject_id: "subject-A",
      destination_subject_ids: ["subject-B"],
      topic: "greetings",
      message_type: "chat",
      message_metadata: { priority: "high" },
    };
    await host.request("/messages", { body: message });
    await host.request(`/messages/${message.message_uuid}`, { method: "PATCH", body: { status: "sent" } });
    const line = JSON.stringify({ topic: "by the CLI" });
    expect((await runWaybill(["log", "--data-dir", host.dataDir], { input: line })).code).toBe(0);
    await eventually(() => expect(heard).toHaveLength(2));
    expect(heard[0]).toEqual(message);
    expect(heard[1]).toMatchObject({ topic: "by the CLI" });
    await eventually(() => expect(elsewhere).toEqual(heard));
  });

  test("refuses pages of any site, and a name that was bound to this machine", async () => {
    await expect(listen({ Origin: "https://example.com" })).rejects.toThrow(/403/);
    await expect(listen({ Host: `example.com:${port}` })).rejects.toThrow(/403/);
  });

  test("listens on loopback alone, and not at all unless it is set", async () => {
    const other = new WebSocket(`ws://[::1]:${port}`);
    const [error] = (await once(other, "error")) as [NodeJS.ErrnoException];
    expect(error.code).toBe("ECONNREFUSED");
    const bad = await runWaybill(["serve", "--port", "0", "--data-dir", host.dataDir], {
      env: { LEGACY_WEBSOCKET_PORT: "none" },
    });
    expect(bad).toMatchObject({ code: 2, stderr: expect.stringMatching(/LEGACY_WEBSOCKET_PORT is "none"/) });
    const taken = await runWaybill(["serve", "--port", "0", "--data-dir", host.dataDir], {
      env: { LEGACY_WEBSOCKET_PORT: String(port) },
    });
    expect(taken).toMatchObject({ code: 2, stderr: expect.stringMatching(/can't be had/) });
  });

  test("says goodbye when the host ends", async () => {
    const [own = 0] = await freePorts(1);
    const short = await startHost({ env: { LEGACY_WEBSOCKET_PORT: String(own) } });
    const socket = new WebSocket(`ws://127.0.0.1:${own}`);
    await once(socket, "open");
    const closed = once(socket, "close");
    expect(await short.stop()).toBe(0);
    expect((await closed)[0]).toBe(1001);
  });
});
