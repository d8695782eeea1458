import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { Transform } from "node:stream";

/** What the proxy does to connections; each can be changed at any time, and holds for those that are open, too. */
export type Faults = {
  /** New connections are reset at once. */
  refuse: boolean;
  /** Each piece arrives so much later, in both directions. */
  delayMs: number;
  /** Bytes a second in each direction of each connection; null for no limit. */
  bytesPerSecond: number | null;
  /** What the server says is dropped, as if it had died silently. */
  swallowAnswers: boolean;
  /** What the client says is dropped, too. */
  swallowRequests: boolean;
};

export type TcpProxy = {
  port: number;
  faults: Faults;
  /** Bytes that went through so far. */
  readonly passed: { requests: number; answers: number };
  /** Connections that are open. */
  readonly open: number;
  /** Connections so far, with those that were refused. */
  readonly accepted: number;
  /** Resets all connections now. */
  cut: () => void;
  /** Resets all connections once the server has said so many more bytes; resolves when that was done. */
  cutAfterAnswers: (bytes: number) => Promise<void>;
  /** Ends the server's side towards the client; the client's own stays open. */
  halfClose: () => void;
  stop: () => Promise<void>;
};

/** A proxy on a free loopback port before another one, with faults at will. */
export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const faults: Faults = {
    refuse: false,
    delayMs: 0,
    bytesPerSecond: null,
    swallowAnswers: false,
    swallowRequests: false,
  };
  const passed = { requests: 0, answers: 0 };
  const pairs = new Set<{ client: Socket; server: Socket }>();
  let accepted = 0;
  let cutAt: { answers: number; done: () => void } | null = null;

  const cut = (): void => {
    for (const { client, server } of pairs) {
      client.resetAndDestroy();
      server.resetAndDestroy();
    }
  };
  const way = (direction: "requests" | "answers"): Transform =>
    new Transform({
      async transform(piece: Buffer, _encoding, done) {
        const { delayMs, bytesPerSecond } = faults;
        const wait = delayMs + (bytesPerSecond === null ? 0 : (piece.length / bytesPerSecond) * 1_000);
        if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
        if (direction === "answers" ? faults.swallowAnswers : faults.swallowRequests) return done();
        passed[direction] += piece.length;
        if (cutAt !== null && passed.answers >= cutAt.answers) {
          const { done: told } = cutAt;
          cutAt = null;
          cut();
          told();
          return done();
        }
        done(null, piece);
      },
    });

  const proxy = createServer({ allowHalfOpen: true }, (client) => {
    accepted += 1;
    // A reset is what the proxy is for.
    client.on("error", () => {});
    if (faults.refuse) {
      client.resetAndDestroy();
      return;
    }
    const server = connect({ port: targetPort, host: "127.0.0.1", allowHalfOpen: true });
    const pair = { client, server };
    pairs.add(pair);
    server.on("error", () => client.resetAndDestroy());
    for (const socket of [client, server]) socket.setNoDelay(true);
    client.on("close", () => {
      pairs.delete(pair);
      server.destroy();
    });
    server.on("close", () => client.destroySoon());
    client.pipe(way("requests")).pipe(server);
    server.pipe(way("answers")).pipe(client);
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const address = proxy.address();
  if (address === null || typeof address === "string") throw new Error("The proxy has no port");

  return {
    port: address.port,
    faults,
    passed,
    get open() {
      return pairs.size;
    },
    get accepted() {
      return accepted;
    },
    cut,
    cutAfterAnswers: (bytes) =>
      new Promise((resolve) => {
        cutAt = { answers: passed.answers + bytes, done: resolve };
      }),
    halfClose() {
      for (const { client } of pairs) client.end();
    },
    async stop() {
      const closed = once(proxy, "close");
      proxy.close();
      cut();
      await closed;
    },
  };
}
