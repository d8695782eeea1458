import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { beforeAll, describe, expect, test } from "vitest";
import type WebSocket from "ws";
import { databaseOf } from "../support/ledger.ts";
import { startChild } from "../support/processes.ts";
import { type Host, startHost } from "./support/host.ts";
import { eventually, runWaybill } from "./support/waybill.ts";

let host: Host;
beforeAll(async () => {
  host = await startHost();
});

/** Everything a socket says, as it comes. */
function follow(socket: WebSocket): Record<string, unknown>[] {
  const heard: Record<string, unknown>[] = [];
  socket.on("message", (data) => heard.push(JSON.parse(String(data)) as Record<string, unknown>));
  return heard;
}

/** The ledger begins to watch when the first listens, a moment after the socket is open. */
const settled = () => new Promise((done) => setTimeout(done, 300));

describe("GET /live", () => {
  test("sends each change of a record as it is accepted, as the record stands then", async () => {
    const socket = await host.connect("/live");
    const heard = follow(socket);
    await settled();
    const { json } = await host.request("/messages", { body: { topic: "live", status: "sent" } });
    const [uuid] = json.message_uuids;
    await host.request(`/messages/${uuid}`, { method: "PATCH", body: { status: "delivered" } });
    await eventually(() =>
      expect(heard.at(-1)).toMatchObject({ message_uuid: uuid, topic: "live", status: "delivered" }),
    );
    socket.close();
  });

  test("sends only what matches q, also what another process logs", async () => {
    const socket = await host.connect("/live?q=channel:sms%20status:failed");
    const heard = follow(socket);
    await settled();
    const lines = [
      { channel: "sms", status: "sent" },
      { channel: "email", status: "failed" },
      { channel: "sms", status: "failed", topic: "match" },
    ];
    const input = lines.map((line) => JSON.stringify(line)).join("\n");
    expect((await runWaybill(["log", "--data-dir", host.dataDir], { input })).code).toBe(0);
    await eventually(() => expect(heard).toHaveLength(1));
    expect(heard[0]).toMatchObject({ topic: "match" });
    socket.close();
  });

  test("refuses a query that is not valid, an unknown parameter and a stranger before the upgrade", async () => {
    await expect(host.connect("/live?q=status:")).rejects.toMatchObject({ status: 422 });
    await expect(host.connect("/live?query=x")).rejects.toMatchObject({ status: 422 });
    await expect(host.connect("/live", { token: null })).rejects.toMatchObject({ status: 401 });
    await expect(host.connect("/live", { token: "wrong" })).rejects.toMatchObject({ status: 401 });
    expect((await host.request("/live")).status).toBe(404);
  });

  test("cuts off a reader that does not keep up, with the reason, and spares the others", async () => {
    const own = await startHost();
    const [slow, quick] = [await own.connect("/live"), await own.connect("/live?q=topic:last")];
    const heard = follow(quick);
    await settled();
    slow.pause();
    const closed = once(slow, "close");
    const record = { topic: "fill", message_data: { x: "x".repeat(500_000) } };
    for (let count = 0; count < 12; count += 1) {
      await own.request("/messages", { body: Array.from({ length: 10 }, () => record) });
    }
    await own.request("/messages", { body: { topic: "last" } });
    await eventually(() => expect(heard).toHaveLength(1));
    slow.resume();
    const [code] = await closed;
    // 1006 where the reason itself could not get through in time.
    expect([1013, 1006]).toContain(code);
    quick.close();
  });
});

describe("GET /api/events", () => {
  test("tells of messages only to those who asked, until they ask no more", async () => {
    const socket = await host.connect("/api/events");
    const heard = follow(socket);
    await host.request("/messages", { body: { topic: "before" } });
    socket.send(JSON.stringify({ subscribe: { q: "topic:wanted" } }));
    await eventually(() => expect(heard).toEqual([{ event: "tail.opened", data: {} }]));
    await host.request("/messages", { body: [{ topic: "other" }, { topic: "wanted" }] });
    await eventually(() => expect(heard).toHaveLength(2));
    expect(heard[1]).toMatchObject({
      event: "message.changed",
      data: { change_id: expect.any(Number), message: { topic: "wanted" } },
    });
    socket.send(JSON.stringify({ unsubscribe: true }));
    await settled();
    await host.request("/messages", { body: { topic: "wanted" } });
    await settled();
    expect(heard).toHaveLength(2);
    socket.close();
  });

  test("opens a tail when all that it will not tell can be read, also what was being committed as it was asked for", async () => {
    const holder = startChild("hold-lock.ts", [databaseOf(host.dataDir), "immediate"]);
    await holder.line((line) => line === "held");
    const socket = await host.connect("/api/events");
    const heard = follow(socket);
    const logging = host.request("/messages", { body: { topic: "committing" } });
    // The writer has it by then, and waits for the lock.
    await pause(150);
    socket.send(JSON.stringify({ subscribe: { q: "topic:committing" } }));
    const read = once(socket, "message").then(() => host.request("/messages?q=topic:committing"));
    await Promise.race([read, pause(400)]);
    holder.send("release");
    await logging;
    const { json } = await read;
    await eventually(() => {
      const told = heard.filter(({ event }) => event === "message.changed");
      expect([...json.messages, ...told]).toHaveLength(1);
    });
    socket.close();
  });

  test("tells of jobs and settings unasked", async () => {
    const socket = await host.connect("/api/events");
    const heard = follow(socket);
    await host.request("/api/settings.set", { body: { theme: "dark" } });
    await host.request("/api/jobs.backup", { body: {} });
    await eventually(() => {
      expect(heard).toContainEqual({
        event: "settings.changed",
        data: expect.objectContaining({ theme: "dark", retention_days: null }) as unknown,
      });
      expect(heard.at(-1)).toMatchObject({ event: "job.changed", data: { kind: "backup", state: "done" } });
    });
    socket.close();
  });

  test.each(["nonsense", '{"subscribe":{"q":"status:"}}', '{"subscribe":{}}', "[]"])(
    "closes on %s",
    async (text) => {
      const socket = await host.connect("/api/events");
      socket.send(text);
      const [code, reason] = await once(socket, "close");
      expect(code).toBe(1008);
      expect(String(reason)).not.toBe("");
    },
  );

  test("closes when too much is sent", async () => {
    const socket = await host.connect("/api/events");
    socket.on("error", () => {});
    socket.send("x".repeat(100_000));
    const [code] = await once(socket, "close");
    expect(code).toBe(1009);
  });

  test("says goodbye when the host ends", async () => {
    const own = await startHost();
    const socket = await own.connect("/api/events");
    const closed = once(socket, "close");
    expect(await own.stop()).toBe(0);
    expect((await closed)[0]).toBe(1001);
  });
});
