import { Agent, request } from "node:http";

export type HttpReply = { body: Buffer; ms: number };

/** Plain node:http with connections that stay open: it must cost less than what it measures. */
export class HttpClient {
  readonly #url: string;
  readonly #token: string;
  readonly #agent: Agent;

  constructor(url: string, token: string, connections: number) {
    this.#url = url;
    this.#token = token;
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  /** Settles when the whole answer is there; rejects for any other than 2xx. */
  post(path: string, body: Buffer | string, type: string): Promise<HttpReply> {
    return this.#send(
      "POST",
      path,
      { "content-type": type, "content-length": Buffer.byteLength(body) },
      body,
    );
  }

  get(path: string): Promise<HttpReply> {
    return this.#send("GET", path, {});
  }

  /** Reads the answer to its end without keeping it; its length in bytes. */
  async drain(path: string): Promise<number> {
    let bytes = 0;
    await this.#send("GET", path, {}, undefined, (chunk) => {
      bytes += chunk.length;
    });
    return bytes;
  }

  close(): void {
    this.#agent.destroy();
  }

  #send(
    method: string,
    path: string,
    headers: Record<string, string | number>,
    body?: Buffer | string,
    onChunk?: (chunk: Buffer) => void,
  ): Promise<HttpReply> {
    return new Promise((done, fail) => {
      const started = performance.now();
      const sent = request(
        `${this.#url}${path}`,
        { method, agent: this.#agent, headers: { ...headers, authorization: `Bearer ${this.#token}` } },
        (response) => {
          const { statusCode = 0 } = response;
          const isGood = statusCode >= 200 && statusCode < 300;
          const chunks: Buffer[] = [];
          const keep = isGood && onChunk !== undefined ? onChunk : (chunk: Buffer) => void chunks.push(chunk);
          response.on("data", keep);
          response.on("error", fail);
          response.on("end", () => {
            const reply = { body: Buffer.concat(chunks), ms: performance.now() - started };
            if (isGood) done(reply);
            else fail(new Error(`${method} ${path}: ${statusCode} ${reply.body.toString().slice(0, 500)}`));
          });
        },
      );
      sent.on("error", fail);
      sent.end(body);
    });
  }
}
