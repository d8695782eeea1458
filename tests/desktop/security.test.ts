import { expect, type Page, test } from "./support/fixtures.ts";
import type { StandIn } from "./support/stand-in.ts";

const OWN = { url: "app://waybill/messages", parent: null };

async function ready(app: StandIn): Promise<Page> {
  const page = await app.page();
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  return page;
}

test("the page reaches the host by its named methods, and by nothing else", async ({ start }) => {
  const page = await ready(await start());
  const found = await page.evaluate(() => {
    const global = globalThis as unknown as Record<string, Record<string, unknown> | undefined>;
    const bridge = global.waybill ?? {};
    return {
      globals: ["require", "process", "Buffer", "module", "global", "__electronSend"].filter(
        (name) => name in globalThis,
      ),
      methods: Object.keys(bridge).sort(),
      frozen: Object.isFrozen(bridge),
    };
  });
  expect(found).toEqual({
    globals: [],
    frozen: true,
    methods: [
      "checkForUpdates",
      "deferUpdate",
      "downloadUpdate",
      "getDesktop",
      "giveUp",
      "importFile",
      "importOpenedFile",
      "installUpdate",
      "onEvent",
      "onSignal",
      "procedures",
      "readOpenedFile",
      "saveJobFile",
      "setPreferences",
      "showSavedFile",
      "tail",
    ],
  });
});

test("the window does not leave the UI", async ({ start }) => {
  const app = await start();
  const page = await ready(app);
  const address = page.url();
  for (const target of ["https://example.com/", "http://127.0.0.1:1/"]) {
    await page.evaluate((to) => {
      location.href = to;
    }, target);
    await expect.poll(async () => (await app.order("state", null)).blockedNavigations).toContain(target);
  }
  expect(page.url()).toBe(address);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  expect((await app.order("state", null)).openedExternally).toEqual([]);
});

test("no window is opened: a web link goes to the browser, anything else nowhere", async ({ start }) => {
  const app = await start();
  const page = await ready(app);
  const open = (address: string) => page.evaluate((to) => void window.open(to), address);
  await open("https://example.com/help");
  await expect
    .poll(async () => (await app.order("state", null)).openedExternally)
    .toEqual(["https://example.com/help"]);
  await open("https://user:secret@example.com/");
  await open("https://waybill.app.test/docs");
  await expect
    .poll(async () => (await app.order("state", null)).openedExternally)
    .toEqual(["https://example.com/help", `${app.apiUrl}/docs`]);
  expect((await app.order("state", null)).windows).toHaveLength(1);
});

test("the policy lets no script in, inline or from elsewhere, and nothing out", async ({ start }) => {
  const page = await ready(await start());
  const done = await page.evaluate(async () => {
    const broken: string[] = [];
    addEventListener("securitypolicyviolation", ({ effectiveDirective }) => broken.push(effectiveDirective));
    const inline = document.createElement("script");
    inline.textContent = "globalThis.ran = true";
    document.body.append(inline);
    const image = document.createElement("img");
    image.setAttribute("onerror", "globalThis.ran = true");
    image.src = "data:image/png;base64,AA==";
    document.body.append(image);
    const foreign = document.createElement("script");
    foreign.src = "https://example.com/a.js";
    document.body.append(foreign);
    await fetch("https://example.com/").catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 500));
    return { ran: "ran" in globalThis, broken: [...new Set(broken)].sort() };
  });
  expect(done).toEqual({
    ran: false,
    broken: ["connect-src", "script-src-attr", "script-src-elem"],
  });
});

test.describe("an IPC message", () => {
  const input = {
    channel: "waybill:call:health.get",
    args: [{ call_id: 1, input: {} }],
    frame: OWN,
    ownWindow: true,
  };
  const refused = { ok: false, error: { code: "forbidden" } };

  test("is answered to the window's main frame", async ({ start }) => {
    const app = await start();
    await ready(app);
    expect(await app.order("forge", input)).toMatchObject({ ok: true });
  });

  test("from another frame, page or window is refused and logged", async ({ start }) => {
    const app = await start();
    await ready(app);
    for (const frame of [
      { ...OWN, parent: {} },
      { url: "https://example.com/", parent: null },
      { url: "app://report/", parent: null },
      { url: "about:blank", parent: null },
      null,
    ]) {
      expect(await app.order("forge", { ...input, frame })).toMatchObject(refused);
    }
    expect(await app.order("forge", { ...input, ownWindow: false })).toMatchObject(refused);
    await expect
      .poll(async () => (await app.call("systemLogs.list", { text: "was refused" })).logs.length)
      .toBe(6);
  });

  test("to a channel that is none of ours has no one to answer it", async ({ start }) => {
    const app = await start();
    await ready(app);
    for (const channel of ["waybill:call:nothing", "waybill:call:toString", "ELECTRON_BROWSER_REQUIRE"]) {
      await expect(app.order("forge", { ...input, channel })).rejects.toThrow(/No handler registered/);
    }
  });

  test("with wrong arguments is answered by what is wrong", async ({ start }) => {
    const app = await start();
    await ready(app);
    const send = (channel: string, ...args: unknown[]) => app.order("forge", { ...input, channel, args });
    const search = { call_id: 1, input: { limit: "many" } };
    expect(await send("waybill:call:messages.search", search)).toMatchObject({
      ok: false,
      error: { code: "invalid", message: expect.stringContaining("limit") },
    });
    for (const envelope of [{}, { call_id: "1", input: {} }, { call_id: 1, input: {}, more: 1 }])
      expect(await send("waybill:call:health.get", envelope)).toMatchObject({ error: { code: "invalid" } });
    expect(await send("waybill:call.give-up", { call_id: 0 })).toMatchObject({ error: { code: "invalid" } });
    expect(await send("waybill:call:health.get")).toMatchObject({ error: { code: "malformed" } });
    expect(await send("waybill:call:health.get", {}, {})).toMatchObject({ error: { code: "malformed" } });
    expect(await send("waybill:tail.open", { tail_id: -1, q: "" })).toMatchObject({
      error: { code: "invalid" },
    });
    expect(await send("waybill:preferences.set", { http_port: 70_000 })).toMatchObject({
      error: { code: "invalid" },
    });
    expect(await send("waybill:preferences.set", { window: null })).toMatchObject({
      error: { code: "invalid" },
    });
    // A path is nothing the page may name: files are known by numbers.
    expect(await send("waybill:file.show-saved", { file_id: "/etc/passwd" })).toMatchObject({
      error: { code: "not_found" },
    });
    expect(await send("waybill:file.save-job", { job_id: "../token" })).toMatchObject({
      error: { code: "not_found" },
    });
  });
});

test("the page is granted the clipboard to write to, and nothing else", async ({ start }) => {
  const app = await start();
  await ready(app);
  const granted = (permission: string, origin = "app://waybill") =>
    app.order("permission", { permission, origin });
  expect(await granted("clipboard-sanitized-write")).toBe(true);
  expect(await granted("clipboard-sanitized-write", "https://example.com")).toBe(false);
  for (const permission of ["clipboard-read", "media", "geolocation", "notifications", "openExternal"])
    expect(await granted(permission)).toBe(false);
});
