import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { request as httpsRequest, type RequestOptions } from "node:https";
import { join } from "node:path";
import { connect } from "node:tls";
import { beforeAll, describe, expect, test } from "vitest";
import WebSocket from "ws";
import { type Certificates, makeCertificates } from "../support/certificates.ts";
import { type Host, startHost } from "./support/host.ts";
import { eventually, runWaybill, temporaryFolder } from "./support/waybill.ts";

let certificates: Certificates;
let host: Host;
beforeAll(async () => {
  certificates = makeCertificates(await temporaryFolder());
  host = await startHost({ args: tlsArgs(certificates.server) });
});

const tlsArgs = ({ cert, key }: { cert: string; key: string }) => ["--tls-cert", cert, "--tls-key", key];

type Answer = { status: number; headers: IncomingHttpHeaders; text: string };

/** As a client that trusts our authority and no other. */
async function get(url: string, options: RequestOptions = {}): Promise<Answer> {
  const ca = await readFile(certificates.ca);
  return new Promise((resolve, reject) => {
    const request = httpsRequest(url, { ca, agent: false, ...options }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
      );
    });
    request.on("error", reject);
    request.end();
  });
}

const bearer = (to: Host, headers: Record<string, string> = {}) => ({
  headers: { authorization: `Bearer ${to.token}`, ...headers },
});

/** The names in the certificate that the host shows now. */
function shownNames(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().subjectaltname ?? "");
      socket.destroy();
    });
    socket.on("error", reject);
  });
}

describe("with a certificate", () => {
  test("the host announces https, and a client that knows the authority verifies it", async () => {
    expect(host.url).toBe(`https://127.0.0.1:${host.port}`);
    expect(host.link).toMatch(/^https:/);
    expect((await get(`${host.url}/messages`, bearer(host))).status).toBe(200);
    expect((await get(`https://localhost:${host.port}/messages`, bearer(host))).status).toBe(200);
    const other = await readFile(certificates.otherCa);
    await expect(get(`${host.url}/health`, { ca: other })).rejects.toThrow();
  });

  test("plain HTTP gets nothing from it", async () => {
    const answer = new Promise((resolve, reject) => {
      const request = httpRequest(`http://127.0.0.1:${host.port}/health`, { agent: false }, resolve);
      request.on("error", reject);
      request.end();
    });
    await expect(answer).rejects.toThrow();
  });

  test("the UI's cookie is for https only", async () => {
    const opened = await get(host.link);
    expect(opened.status).toBe(303);
    expect(opened.headers["set-cookie"]?.[0]).toMatch(/; HttpOnly; Secure; SameSite=Strict$/);
  });

  test("only its own https origin and its own names are taken", async () => {
    const status = async (headers: Record<string, string>) =>
      (await get(`${host.url}/messages`, { ...bearer(host, headers), servername: "localhost" })).status;
    expect(await status({ origin: host.url })).toBe(200);
    expect(await status({ origin: host.url.replace("https", "http") })).toBe(403);
    expect(await status({ origin: "https://evil.example" })).toBe(403);
    expect(await status({ host: `evil.example:${host.port}` })).toBe(403);
  });

  test("a WebSocket is open over it", async () => {
    const socket = new WebSocket(`wss://127.0.0.1:${host.port}/live`, {
      ca: await readFile(certificates.ca),
      ...bearer(host),
    });
    await new Promise((resolve, reject) => socket.on("open", resolve).on("error", reject));
    socket.close();
  });

  test("a name that the certificate is for is a name of the host, and the one that it announces", async () => {
    const named = await startHost({ args: ["--host", "0.0.0.0", ...tlsArgs(certificates.misnamed)] });
    expect(named.url).toBe(`https://elsewhere.example:${named.port}`);
    expect(named.stderr()).toBe("");
    const url = `https://127.0.0.1:${named.port}/messages`;
    const status = async (name: string) => {
      const headers = { ...bearer(named).headers, host: `${name}:${named.port}` };
      return (await get(url, { headers, rejectUnauthorized: false })).status;
    };
    expect(await status("elsewhere.example")).toBe(200);
    expect(await status("evil.example")).toBe(403);
  });

  test("the files may be named in the environment", async () => {
    const { cert, key } = certificates.server;
    const own = await startHost({ env: { WAYBILL_TLS_CERT: cert, WAYBILL_TLS_KEY: key } });
    expect((await get(`${own.url}/health`)).status).toBe(200);
  });

  test("an authority for clients keeps everybody else out", async () => {
    const own = await startHost({ args: [...tlsArgs(certificates.server), "--tls-ca", certificates.ca] });
    await expect(get(`${own.url}/health`)).rejects.toThrow();
    const { cert, key } = certificates.client;
    const client = { cert: await readFile(cert), key: await readFile(key) };
    expect((await get(`${own.url}/health`, client)).status).toBe(200);
  });
});

describe("a renewed certificate", () => {
  test("is taken up on SIGHUP, and without it soon; one that is not right is told, and the old one stays", async () => {
    const folder = join(await temporaryFolder(), "tls");
    await mkdir(folder);
    const files = { cert: join(folder, "cert.pem"), key: join(folder, "key.pem") };
    const put = async (pair: { cert: string; key: string }) => {
      await copyFile(pair.cert, files.cert);
      await copyFile(pair.key, files.key);
    };
    await put(certificates.server);
    const own = await startHost({ args: tlsArgs(files) });
    expect(await shownNames(own.port)).toContain("localhost");

    await writeFile(files.key, "half");
    own.child.kill("SIGHUP");
    await eventually(() => expect(own.stderr()).toContain("The certificate in use stays."));
    expect(await shownNames(own.port)).toContain("localhost");

    await put(certificates.misnamed);
    own.child.kill("SIGHUP");
    await eventually(async () => expect(await shownNames(own.port)).toBe("DNS:elsewhere.example"));

    await put(certificates.server);
    await eventually(async () => expect(await shownNames(own.port)).toContain("localhost"));
    expect(await own.stop()).toBe(0);
  });
});

describe("exits 2 with one line", () => {
  const refusal = async (...args: string[]) => {
    const dataDir = await temporaryFolder();
    const { code, stdout, stderr } = await runWaybill([
      "serve",
      "--port",
      "0",
      "--data-dir",
      dataDir,
      ...args,
    ]);
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/^waybill: .+\n$/);
    return stderr;
  };

  test("for more than the loopback without TLS, and tells both ways out", async () => {
    for (const address of ["0.0.0.0", "::", "203.0.113.7"]) {
      const told = await refusal("--host", address);
      expect(told).toContain("--tls-cert FILE --tls-key FILE");
      expect(told).toContain("--insecure-bind");
    }
  });

  test("for a pair of files that is not right", async () => {
    const { server, client, expired, ca } = certificates;
    expect(await refusal("--tls-cert", server.cert)).toContain("--tls-key");
    expect(await refusal("--tls-key", server.key)).toContain("--tls-cert");
    expect(await refusal(...tlsArgs({ cert: server.cert, key: client.key }))).toContain("is not the key of");
    expect(await refusal(...tlsArgs(expired))).toContain("expired at");
    expect(await refusal(...tlsArgs({ cert: "/nowhere.pem", key: server.key }))).toContain("ENOENT");
    expect(await refusal(...tlsArgs({ cert: server.key, key: server.key }))).toContain("no certificate");
    expect(await refusal(...tlsArgs({ cert: server.cert, key: ca }))).toContain("no private key");
    expect(await refusal(...tlsArgs(server), "--tls-ca", server.key)).toContain("no certificate");
  });
});
