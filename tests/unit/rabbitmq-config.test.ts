import { expect, test } from "vitest";
import { rabbitmqOptions, targetOf } from "../../src-main/sync/rabbitmq/config.ts";
import { rabbitmqSettingsSchema } from "../../src-shared/contract/sync-settings.ts";

const none = rabbitmqSettingsSchema.parse({});
const by = (environment: Record<string, string>, settings: object = {}, password: string | null = null) =>
  rabbitmqOptions(environment, rabbitmqSettingsSchema.parse(settings), password);

test("off where neither the environment nor the settings name a broker", () => {
  expect(rabbitmqOptions({ RABBITMQ_USER: "ops", RABBITMQ_URL: " " }, none, "secret")).toBeNull();
});

test.each([
  ["amqp://", null],
  ["amqp://host", { host: "host", port: 5672, vhost: "/", user: "guest", password: "guest", tls: null }],
  ["amqp://host/", { vhost: "/" }],
  ["amqp://host/%2F", { vhost: "/" }],
  ["amqp://host/team%2Fa", { vhost: "team/a" }],
  ["amqp://host:10000/v", { port: 10_000, vhost: "v" }],
  ["amqp://ops@host", { user: "ops", password: "guest" }],
  ["amqp://ops:@host", { user: "ops", password: "" }],
  ["amqp://o%70s:p%40ss%2Fw%25%3A%23@host", { user: "ops", password: "p@ss/w%:#" }],
  ["amqp://ops:pass@[::1]:5673/v", { host: "::1", port: 5673 }],
  ["amqp://ops:pass@:5673", { host: "localhost", port: 5673 }],
  ["AMQPS://host", { host: "host", port: 5671, tls: { caFile: null, certFile: null, keyFile: null } }],
  ["amqp://host/v?heartbeat=10", { vhost: "v" }],
])("RABBITMQ_URL=%s", (url, wanted) => {
  if (wanted === null) expect(() => by({ RABBITMQ_URL: url })).toThrow(/RABBITMQ_URL/);
  else expect(by({ RABBITMQ_URL: url })).toMatchObject(wanted);
});

test.each([
  "http://ops:hunter2@host",
  "host:5672",
  "amqp://ops:hunter2@host:port",
  "amqp://ops:hunter2@host:70000",
  "amqp://ops:hunter2@host:0",
  "amqp://ops:hunter2%@host",
  "amqp://ops:hunter2/x@host",
  "amqp://ops:hunter2@host/a/b",
  "amqp://ops:hunter2@host/%zz",
])("a URL that can't be read is named without its password: %s", (url) => {
  const attempt = () => by({ RABBITMQ_URL: url });
  expect(attempt).toThrow(expect.objectContaining({ code: "invalid" }));
  expect(attempt).toThrow(/^RABBITMQ_URL (?!.*hunter2)/);
});

test("the environment comes before the settings, part by part", () => {
  const settings = { host: "there", port: 5700, user: "sam", vhost: "v", queue_type: "classic" };
  expect(by({ RABBITMQ_HOST: "here", RABBITMQ_VHOST: "/w" }, settings, "kept")).toEqual({
    host: "here",
    port: 5700,
    user: "sam",
    password: "kept",
    vhost: "/w",
    tls: null,
    queueType: "classic",
  });
  const parts = { RABBITMQ_PORT: "5701", RABBITMQ_USER: "ops", RABBITMQ_PASSWORD: " with spaces " };
  expect(by(parts, settings, "kept")).toMatchObject({
    host: "there",
    port: 5701,
    user: "ops",
    password: " with spaces ",
  });
});

test("a URL stands for all of the address, and leaves the password of the keychain where it has none", () => {
  const url = { RABBITMQ_URL: "amqp://ops@host", RABBITMQ_HOST: "other", RABBITMQ_PORT: "1" };
  expect(by(url, { user: "sam", port: 5700 }, "kept")).toMatchObject({
    host: "host",
    port: 5672,
    user: "ops",
    password: "kept",
  });
});

test("TLS with files of the environment and the settings", () => {
  const files = { RABBITMQ_CA_FILE: "/ca.pem", RABBITMQ_KEY_FILE: "/key.pem" };
  expect(by(files, { host: "h", tls: true, ca_file: "/other.pem", cert_file: "/cert.pem" })).toMatchObject({
    port: 5671,
    tls: { caFile: "/ca.pem", certFile: "/cert.pem", keyFile: "/key.pem" },
  });
  expect(() => by({ RABBITMQ_HOST: "h", RABBITMQ_CERT_FILE: "/c.pem" })).toThrow(/RABBITMQ_KEY_FILE/);
  expect(() => by({ RABBITMQ_HOST: "h", RABBITMQ_CA_FILE: "/c.pem" })).toThrow(/RABBITMQ_CA_FILE/);
});

test.each(["x", "0", "65536", "-1", "5672.5"])("RABBITMQ_PORT=%s is no port", (port) => {
  expect(() => by({ RABBITMQ_HOST: "h", RABBITMQ_PORT: port })).toThrow(/RABBITMQ_PORT/);
});

test("RABBITMQ_HOST is a host alone", () => {
  expect(() => by({ RABBITMQ_HOST: "amqp://h" })).toThrow(/RABBITMQ_URL/);
  expect(by({ RABBITMQ_HOST: "[::1]" })).toMatchObject({ host: "::1" });
});

test("the target is told without the password", () => {
  const target = (url: string) => {
    const options = by({ RABBITMQ_URL: url });
    return options === null ? null : targetOf(options);
  };
  expect(target("amqp://ops:hunter2@host:5672/v")).toBe("amqp://ops@host:5672/v");
  expect(target("amqps://o%40s:hunter2@[::1]/team%2Fa")).toBe("amqps://o%40s@[::1]:5671/team%2Fa");
  expect(target("amqp://ops:hunter2@host")).toBe("amqp://ops@host:5672");
});
