import { PassThrough } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { chunksUntil } from "../../src-main/api/chunks-until.ts";

test("who stops in the middle leaves the rest to be read or thrown away", async () => {
  const stream = new PassThrough();
  const { signal } = new AbortController();
  stream.write("one");
  for await (const chunk of chunksUntil(stream, signal)) {
    expect(String(chunk)).toBe("one");
    break;
  }
  await turn();
  const rest: string[] = [];
  stream.on("data", (chunk) => rest.push(String(chunk)));
  stream.end("two");
  await turn();
  await turn();
  expect(rest).toEqual(["two"]);
  expect(stream.readableEnded).toBe(true);
});

test("ends between two chunks once the signal is given", async () => {
  const stream = new PassThrough();
  const stop = new AbortController();
  const chunks = chunksUntil(stream, stop.signal);
  stream.write("one");
  expect(String((await chunks.next()).value)).toBe("one");
  const next = chunks.next();
  stop.abort();
  expect(await next).toEqual({ done: true, value: undefined });
  expect(stream.destroyed).toBe(false);
});
