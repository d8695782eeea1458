import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { expect, test } from "vitest";
import { eventually, outcomeOf, runWaybill, spawnWaybill, temporaryFolder } from "./support/waybill.ts";

async function exported(dataDir: string): Promise<Record<string, unknown>[]> {
  const { stdout, code } = await runWaybill(["export", "--format", "ndjson", "--data-dir", dataDir]);
  expect(code).toBe(0);
  return stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

const uuid = (index: number): string => `0198c0de-7000-7000-8000-${String(index).padStart(12, "0")}`;

test("logs each line, and with --ack prints the ids in the order of the input", async () => {
  const dataDir = await temporaryFolder();
  const count = 7_000;
  const lines = Array.from({ length: count }, (_, index) => `{"message_uuid":"${uuid(index)}","topic":"t"}`);
  const { code, stdout, stderr } = await runWaybill(["log", "--ack", "--data-dir", dataDir], {
    input: lines.join("\n"),
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toBe(lines.map((_, index) => `${uuid(index)}\n`).join(""));
  expect(await exported(dataDir)).toHaveLength(count);

  const again = await runWaybill(["log", "--data-dir", dataDir], { input: lines.slice(0, 10).join("\n") });
  expect(again).toMatchObject({ code: 0, stdout: "" });
  expect(await exported(dataDir)).toHaveLength(count);
});

test("tells bad lines with their numbers, takes the rest, and exits 1", async () => {
  const dataDir = await temporaryFolder();
  const input = ['{"topic":"a"}', "", "not json", '{"status":"lost"}', "[1]", '{"topic":"b"}', "{"].join(
    "\r\n",
  );
  const { code, stdout, stderr } = await runWaybill(["log", "--ack", "--data-dir", dataDir], { input });
  expect(code).toBe(1);
  expect(stdout.trim().split("\n")).toHaveLength(2);
  expect(stderr.match(/^line \d+/gm)?.sort()).toEqual(["line 3", "line 4", "line 5", "line 7"]);
  expect((await exported(dataDir)).map(({ topic }) => topic).sort()).toEqual(["a", "b"]);
});

test("--session is the session of records that name none", async () => {
  const dataDir = await temporaryFolder();
  const input = '{"topic":"a"}\n{"topic":"b","session_id":"own"}\n{"topic":"c","session_id":null}\n';
  expect((await runWaybill(["log", "--session", "march", "--data-dir", dataDir], { input })).code).toBe(0);
  const sessions = (await exported(dataDir)).map(({ topic, session_id }) => `${topic} ${session_id}`);
  expect(sessions.sort()).toEqual(["a march", "b own", "c march"]);
  const { stdout } = await runWaybill(["sessions", "--json", "--data-dir", dataDir]);
  expect(
    JSON.parse(stdout)
      .sessions.map(({ session_id }: { session_id: string }) => session_id)
      .sort(),
  ).toEqual(["march", "own"]);
});

test("answers a sender that waits for each acknowledgement", async () => {
  const child = spawnWaybill(["log", "--ack", "--data-dir", await temporaryFolder()]);
  let acknowledged = "";
  child.stdout?.on("data", (text) => {
    acknowledged += text;
  });
  for (let index = 0; index < 5; index += 1) {
    child.stdin?.write(`{"message_uuid":"${uuid(index)}"}\n`);
    await eventually(() => expect(acknowledged).toContain(uuid(index)));
  }
  child.stdin?.end();
  expect((await once(child, "exit"))[0]).toBe(0);
});

test("asked to end, it accepts what it has read and leaves the rest", async () => {
  const dataDir = await temporaryFolder();
  const child = spawnWaybill(["log", "--ack", "--data-dir", dataDir]);
  const outcome = outcomeOf(child);
  child.stdin?.on("error", () => {});
  for (let index = 0; index < 500; index += 1) child.stdin?.write(`{"message_uuid":"${uuid(index)}"}\n`);
  child.stdin?.write('{"topic":"torn');
  let told = false;
  child.stdout?.once("data", () => {
    told = true;
  });
  await eventually(() => expect(told).toBe(true));
  child.kill("SIGTERM");
  const { code, stdout } = await outcome;
  expect(code).toBe(0);
  const kept = new Set((await exported(dataDir)).map(({ message_uuid }) => message_uuid));
  expect(kept.size).toBe(stdout.trim().split("\n").length);
  for (const acknowledged of stdout.trim().split("\n")) expect(kept).toContain(acknowledged);
});

test("ends quietly when nobody reads its acknowledgements any more", async () => {
  const child = spawnWaybill(["log", "--ack", "--data-dir", await temporaryFolder()]);
  child.stdin?.on("error", () => {});
  let stderr = "";
  child.stderr?.on("data", (text) => {
    stderr += text;
  });
  child.stdout?.destroy();
  const feed = setInterval(() => child.stdin?.write('{"topic":"x"}\n'.repeat(100)), 20);
  const [code] = await once(child, "exit");
  clearInterval(feed);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
});

/** Writes records as fast as they are taken, until the process is gone. */
async function feed(child: ChildProcess, round: number): Promise<void> {
  function* records(): Generator<string> {
    for (let next = round * 10_000_000; ; next += 200) {
      const ids = Array.from({ length: 200 }, (_, index) => uuid(next + index));
      yield ids.map((id) => `{"message_uuid":"${id}","session_id":"r${round}"}\n`).join("");
    }
  }
  if (child.stdin !== null) await pipeline(Readable.from(records()), child.stdin).catch(() => {});
}

// However often: each round kills at another moment, and the next goes on with what the last left behind.
test("kill -9 under load loses no acknowledged id", async () => {
  const dataDir = await temporaryFolder();
  const acknowledged: string[] = [];
  const rounds = 6;
  for (let round = 0; round < rounds; round += 1) {
    const child = spawnWaybill(["log", "--ack", "--data-dir", dataDir]);
    let said = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    const feeding = feed(child, round);
    await eventually(() => expect(said.length).toBeGreaterThan(0));
    await new Promise((done) => setTimeout(done, Math.random() * 800));
    const ended = once(child, "close");
    child.kill("SIGKILL");
    await ended;
    await feeding;
    // A last line without its end was not said in whole.
    const whole = said.slice(0, said.lastIndexOf("\n") + 1);
    acknowledged.push(...whole.split("\n").filter(Boolean));
  }
  expect(acknowledged.length).toBeGreaterThan(rounds * 100);
  const kept = new Set((await exported(dataDir)).map(({ message_uuid }) => message_uuid));
  expect(acknowledged.filter((each) => !kept.has(each))).toEqual([]);
  expect((await runWaybill(["health", "--deep", "--data-dir", dataDir])).code).toBe(0);
});
