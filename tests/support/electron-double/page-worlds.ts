// What runs inside of the page, each function in a JavaScript world of its own. They are sent as source, so they
// use nothing of this file.

/** The page's own world: builds what `contextBridge` exposes, with functions that reach the preload's world. */
export function mainWorld(): void {
  type Encoded = { kind: "value" | "promise" | "function" | "throw" | "tree"; value?: unknown };
  const listeners = new Map<number, (...args: unknown[]) => void>();
  const promises = new Map<number, PromiseWithResolvers<unknown>>();
  let last = 0;
  let returned: Encoded = { kind: "value" };

  const hear = (name: string, listener: (detail: never) => void) =>
    addEventListener(`electron-double:${name}`, (event) => listener((event as CustomEvent).detail as never));
  const call = (path: (string | number)[], args: unknown[]): unknown => {
    last += 1;
    const id = last;
    const passed = args.map((arg) => {
      if (typeof arg !== "function") return { value: arg };
      last += 1;
      listeners.set(last, arg as (...args: unknown[]) => void);
      return { listener: last };
    });
    dispatchEvent(new CustomEvent("electron-double:call", { detail: { id, path, args: passed } }));
    const { kind, value } = returned;
    if (kind === "throw") throw new Error(String(value));
    if (kind === "function") return (...rest: unknown[]) => call(["#", value as number], rest);
    if (kind !== "promise") return value;
    const promise = Promise.withResolvers<unknown>();
    promises.set(id, promise);
    return promise.promise;
  };
  const build = (tree: Encoded, path: string[]): unknown => {
    if (tree.kind === "function") return (...args: unknown[]) => call(path, args);
    if (tree.kind !== "tree") return tree.value;
    const entries = Object.entries(tree.value as Record<string, Encoded>);
    return Object.freeze(
      Object.fromEntries(entries.map(([key, inner]) => [key, build(inner, [...path, key])])),
    );
  };

  hear("expose", ({ name, tree }: { name: string; tree: Encoded }) => {
    Object.defineProperty(globalThis, name, { value: build(tree, []), enumerable: true });
  });
  hear("return", (result: Encoded) => {
    returned = result;
  });
  hear("settle", ({ id, ok, value }: { id: number; ok: boolean; value: unknown }) => {
    const promise = promises.get(id);
    promises.delete(id);
    if (ok) promise?.resolve(value);
    else promise?.reject(new Error(String(value)));
  });
  hear("listener", ({ id, args }: { id: number; args: unknown[] }) => listeners.get(id)?.(...args));
}

/** The preload's isolated world: Electron's `contextBridge`, `ipcRenderer` and `webUtils`, and the preload itself. */
export function preloadWorld(
  preload: (require: (name: string) => unknown, module: object, exports: object) => void,
  sendName: string,
  receiveName: string,
): void {
  type Fn = (...args: unknown[]) => unknown;
  const global = globalThis as unknown as Record<string, Fn>;
  const send = global[sendName];
  // Chromium runs this in every frame, Electron a preload in the main frame only.
  if (send === undefined || window !== window.top) return;

  const encode = (value: unknown): unknown =>
    JSON.parse(JSON.stringify(structuredClone(value ?? null), (_key, inner) => inner));
  const decode = (value: unknown): unknown => {
    const bytes = (value as { $bytes?: string } | null)?.$bytes;
    return bytes === undefined ? value : Uint8Array.from(atob(bytes), (char) => char.charCodeAt(0));
  };

  const invocations = new Map<number, PromiseWithResolvers<unknown>>();
  const heard = new Map<string, Set<Fn>>();
  const paths = new Map<string, string>();
  let last = 0;
  const ipcRenderer = {
    invoke(channel: string, ...args: unknown[]) {
      last += 1;
      const id = last;
      const invocation = Promise.withResolvers<unknown>();
      invocations.set(id, invocation);
      // Throws for what can't be cloned, as Electron does.
      send(JSON.stringify({ id, channel, args: args.map((arg) => encode(arg)) }));
      return invocation.promise;
    },
    on(channel: string, listener: Fn) {
      heard.set(channel, (heard.get(channel) ?? new Set()).add(listener));
      return ipcRenderer;
    },
    removeListener(channel: string, listener: Fn) {
      heard.get(channel)?.delete(listener);
      return ipcRenderer;
    },
  };
  global[receiveName] = ((message: {
    id?: number;
    error?: string;
    channel?: string;
    value?: unknown;
    path?: [string, string];
  }) => {
    if (message.path !== undefined) {
      paths.set(message.path[0], message.path[1]);
      return;
    }
    if (message.channel !== undefined) {
      for (const listener of [...(heard.get(message.channel) ?? [])]) listener({}, decode(message.value));
      return;
    }
    const invocation = invocations.get(message.id ?? 0);
    invocations.delete(message.id ?? 0);
    if (message.error !== undefined) return invocation?.reject(new Error(message.error));
    const reply = message.value as { ok?: boolean; value?: unknown } | null;
    invocation?.resolve(reply?.ok === true ? { ...reply, value: decode(reply.value) } : message.value);
  }) as Fn;

  const roots = new Map<string, unknown>();
  const returned = new Map<number, Fn>();
  const tell = (name: string, detail: unknown) =>
    dispatchEvent(new CustomEvent(`electron-double:${name}`, { detail }));
  const find = (path: (string | number)[]): Fn => {
    if (path[0] === "#") return returned.get(path[1] as number) as Fn;
    const target = path.reduce<unknown>(
      (inner, key) => (inner as Record<string, unknown>)[key],
      roots.get("waybill"),
    );
    return target as Fn;
  };
  const describe = (value: unknown): unknown => {
    if (typeof value === "function") return { kind: "function" };
    if (typeof value !== "object" || value === null) return { kind: "value", value };
    return {
      kind: "tree",
      value: Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, describe(inner)])),
    };
  };
  addEventListener("electron-double:call", (event) => {
    const { id, path, args } = (event as CustomEvent).detail as {
      id: number;
      path: (string | number)[];
      args: { value?: unknown; listener?: number }[];
    };
    try {
      const result = find(path)(
        ...args.map(({ value, listener }) =>
          listener === undefined
            ? value
            : (...told: unknown[]) => tell("listener", { id: listener, args: told }),
        ),
      );
      if (result instanceof Promise) {
        tell("return", { kind: "promise" });
        result.then(
          (value) => tell("settle", { id, ok: true, value }),
          (error: Error) => tell("settle", { id, ok: false, value: error.message }),
        );
      } else if (typeof result === "function") {
        last += 1;
        returned.set(last, result as Fn);
        tell("return", { kind: "function", value: last });
      } else {
        tell("return", { kind: "value", value: result });
      }
    } catch (error) {
      tell("return", { kind: "throw", value: (error as Error).message });
    }
  });

  const electron = {
    contextBridge: {
      exposeInMainWorld(name: string, api: unknown) {
        roots.set(name, api);
        tell("expose", { name, tree: describe(api) });
      },
    },
    ipcRenderer,
    webUtils: { getPathForFile: (file: File) => paths.get(file.name) ?? "" },
  };
  const require = (name: string) => {
    if (name === "electron") return electron;
    throw new Error(`module not found: ${name}`);
  };
  preload(require, { exports: {} }, {});
}
