import { setTimeout as pause } from "node:timers/promises";
import type { TcpProxy } from "../../support/tcp-proxy.ts";
import type { Random } from "../seed.ts";
import type { Stage } from "./stage.ts";

/** Begins, and is over when it settles. */
export type Fault = { name: string; run: (stage: Stage) => Promise<void> };
export type MakeFault = (random: Random) => Fault;

/** The answer that a cut waits for may never come, as while the sink is paused. */
const CUT_MS = 4_000;

/** What a network does to the connections of one sink. */
export function networkFaults(title: string, proxyOf: (stage: Stage) => TcpProxy): MakeFault[] {
  const fault = (name: string, run: (proxy: TcpProxy) => Promise<void>): Fault => ({
    name: `${title} ${name}`,
    run: (stage) => run(proxyOf(stage)),
  });
  return [
    (random) => {
      const pauses = Array.from({ length: random.int(1, 4) }, () => random.int(20, 900));
      return fault(`cut ${pauses.length} times`, async (proxy) => {
        for (const ms of pauses) {
          proxy.cut();
          await pause(ms);
        }
      });
    },
    (random) => {
      const bytes = random.int(1, 3_000);
      return fault(`cut after ${bytes} bytes`, async (proxy) => {
        await Promise.race([proxy.cutAfterAnswers(bytes), pause(CUT_MS)]);
        // One that did not come about does not come later.
        void proxy.cutAfterAnswers(Number.POSITIVE_INFINITY);
      });
    },
    (random) => {
      const delayMs = random.int(30, 400);
      const ms = random.int(500, 2_000);
      return fault(`late by ${delayMs} ms`, async ({ faults }) => {
        faults.delayMs = delayMs;
        await pause(ms);
        faults.delayMs = 0;
      });
    },
    (random) => {
      const kilobytes = random.int(20, 100);
      const ms = random.int(500, 2_000);
      return fault(`at ${kilobytes} KB/s`, async ({ faults }) => {
        faults.bytesPerSecond = kilobytes * 1_000;
        await pause(ms);
        faults.bytesPerSecond = null;
      });
    },
    () => fault("half closed", async (proxy) => proxy.halfClose()),
    (random) => {
      const ms = random.int(300, 8_000);
      const isDeaf = random.chance(0.5);
      return fault(`silent ${ms} ms`, async (proxy) => {
        Object.assign(proxy.faults, { swallowAnswers: true, swallowRequests: isDeaf });
        await pause(ms);
        // What was lost in the middle of a connection never comes on it.
        proxy.cut();
        Object.assign(proxy.faults, { swallowAnswers: false, swallowRequests: false });
      });
    },
    (random) => {
      const ms = random.int(300, 4_000);
      return fault(`out of reach ${ms} ms`, async (proxy) => {
        proxy.faults.refuse = true;
        proxy.cut();
        await pause(ms);
        proxy.faults.refuse = false;
      });
    },
  ];
}
