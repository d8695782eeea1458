import type { EventEmitter } from "node:events";
import type Electron from "electron";
import type { MenuItemConstructorOptions } from "electron";
import type { BrowserEvent, BrowserReply } from "./browser-link.ts";
import { windows } from "./browser-window.ts";
import { comeRound, crashThread, passTime } from "./process-control.ts";
import { answers, machine, menus, type Seen, seen } from "./state.ts";
import { invoke, ipcHandlers, landing, sentToPages } from "./web-page.ts";

/** What a test may do to the running app: what an operator, the system or an attacker would. */
export type Orders = {
  state: [input: null, output: Seen];
  answer: [input: (string | number | null)[], output: null];
  emit: [input: { event: string; args: unknown[] }, output: null];
  power: [input: "resume" | "shutdown", output: null];
  machine: [input: Partial<typeof machine>, output: null];
  click: [input: { menu: keyof typeof menus; id: string; checked?: boolean }, output: null];
  labels: [input: keyof typeof menus, output: string[]];
  /** Of those that were shown, by its number. */
  clickNotification: [input: number, output: null];
  closeWindow: [input: null, output: null];
  /** As by the system when it ends a window: the app is not asked. */
  destroyWindow: [input: null, output: null];
  /** Windows show this at first, whatever the app wants them to. */
  land: [input: string, output: null];
  /** Keeps what any page is answered and told from now on, for `heard`. */
  listen: [input: null, output: null];
  heard: [input: null, output: string[]];
  /** The named procedure gives the page this from now on. */
  answerInstead: [input: { channel: string; reply: object }, output: null];
  notePath: [input: { name: string; path: string }, output: null];
  permission: [input: { permission: string; origin: string }, output: boolean];
  /** The app's clock is so many milliseconds later. */
  passTime: [input: number, output: null];
  /** What the app does every so many milliseconds is done. */
  comeRound: [input: number, output: null];
  /** Ends the thread of this name as a crash does; gives whether there was one. */
  crashThread: [input: string, output: boolean];
  /** An IPC message past the preload, as from a page that was taken over. */
  forge: [
    input: {
      channel: string;
      args: unknown[];
      frame: { url: string; parent: object | null } | null;
      ownWindow: boolean;
    },
    output: unknown,
  ];
};
export type OrderName = keyof Orders;
export type Order = { id: number; name: OrderName; input: unknown };
export type OrderReply = { id: number; output?: unknown; error?: string };

type Parts = {
  notifications: readonly EventEmitter[];
  appEvents: EventEmitter;
  powerEvents: EventEmitter;
  permissions: { check: Parameters<Electron.Session["setPermissionCheckHandler"]>[0] };
};

/** Carries out the orders of the process that started this one. */
export function serveControl({ appEvents, powerEvents, permissions, notifications }: Parts): void {
  const preventable = { preventDefault: () => {} };
  const first = () => [...windows].find(({ options }) => options.webPreferences?.preload !== undefined);
  const run: { [N in OrderName]: (input: Orders[N][0]) => Orders[N][1] | Promise<Orders[N][1]> } = {
    state: () => ({
      ...seen,
      windows: [...windows].map(({ visible, webContents, options }) => ({
        visible,
        address: webContents.getURL(),
        width: options.width ?? 0,
        height: options.height ?? 0,
      })),
    }),
    answer: (list) => {
      answers.push(...list);
      return null;
    },
    emit: ({ event, args }) => {
      appEvents.emit(event, preventable, ...args);
      return null;
    },
    power: (event) => {
      powerEvents.emit(event, preventable);
      return null;
    },
    machine: (changes) => {
      Object.assign(machine, changes);
      return null;
    },
    click: ({ menu, id, checked }) => {
      const item = itemsOf(menus[menu]).find((one) => one.id === id);
      if (item?.click === undefined) throw new Error(`There is no ${id} in the ${menu} menu`);
      // The app reads nothing of it but whether it is checked.
      item.click({ checked } as Electron.MenuItem, undefined, {} as Electron.KeyboardEvent);
      return null;
    },
    labels: (menu) => itemsOf(menus[menu]).flatMap(({ label }) => (label === undefined ? [] : [label])),
    clickNotification: (index) => {
      notifications[index]?.emit("click");
      return null;
    },
    closeWindow: () => {
      first()?.close();
      return null;
    },
    destroyWindow: () => {
      first()?.destroy();
      return null;
    },
    land: (address) => {
      landing.address = address;
      return null;
    },
    listen: () => {
      sentToPages.texts = [];
      return null;
    },
    heard: () => sentToPages.texts ?? [],
    answerInstead: ({ channel, reply }) => {
      ipcHandlers.set(channel, () => reply);
      return null;
    },
    notePath: ({ name, path }) => {
      first()?.webContents.notePath(name, path);
      return null;
    },
    passTime: (ms) => {
      passTime(ms);
      return null;
    },
    comeRound: (ms) => {
      comeRound(ms);
      return null;
    },
    crashThread,
    permission: ({ permission, origin }) =>
      permissions.check?.(
        null,
        permission as Parameters<NonNullable<typeof permissions.check>>[1],
        origin,
        {} as Electron.PermissionCheckHandlerHandlerDetails,
      ) ?? true,
    forge: ({ channel, args, frame, ownWindow }) =>
      invoke(channel, { sender: ownWindow ? first()?.webContents : {}, senderFrame: frame }, args),
  };

  process.on("message", (message: Order | BrowserReply | BrowserEvent) => {
    if ("browser" in message) return;
    const { id, name, input } = message;
    const reply = (rest: Omit<OrderReply, "id">) => process.send?.({ id, ...rest } satisfies OrderReply);
    Promise.resolve()
      .then(() => (run[name] as (input: unknown) => unknown)(input))
      .then(
        (output) => reply({ output }),
        (error: unknown) => reply({ error: String(error) }),
      );
  });
  // A test that was killed leaves no app behind.
  process.on("disconnect", () => process.exit(1));
}

function itemsOf(template: readonly MenuItemConstructorOptions[]): MenuItemConstructorOptions[] {
  return template.flatMap((item) =>
    Array.isArray(item.submenu) ? [item, ...itemsOf(item.submenu)] : [item],
  );
}
