import type { EventEmitter } from "node:events";
import type Electron from "electron";
import type { MenuItemConstructorOptions } from "electron";
import { windows } from "./browser-window.ts";
import { answers, machine, menus, type Seen, seen } from "./state.ts";
import { invoke } from "./web-page.ts";

/** What a test may do to the running app: what an operator, the system or an attacker would. */
export type Orders = {
  state: [input: null, output: Seen];
  answer: [input: (string | number | null)[], output: null];
  emit: [input: { event: string; args: unknown[] }, output: null];
  power: [input: "resume" | "shutdown", output: null];
  machine: [input: Partial<typeof machine>, output: null];
  click: [input: { menu: keyof typeof menus; id: string; checked?: boolean }, output: null];
  labels: [input: keyof typeof menus, output: string[]];
  closeWindow: [input: null, output: null];
  notePath: [input: { name: string; path: string }, output: null];
  permission: [input: { permission: string; origin: string }, output: boolean];
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
  appEvents: EventEmitter;
  powerEvents: EventEmitter;
  permissions: { check: Parameters<Electron.Session["setPermissionCheckHandler"]>[0] };
};

/** Carries out the orders of the process that started this one. */
export function serveControl({ appEvents, powerEvents, permissions }: Parts): void {
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
    closeWindow: () => {
      first()?.close();
      return null;
    },
    notePath: ({ name, path }) => {
      first()?.webContents.notePath(name, path);
      return null;
    },
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

  process.on("message", ({ id, name, input }: Order) => {
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
