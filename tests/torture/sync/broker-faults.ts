import { setTimeout as pause } from "node:timers/promises";
import type { Fault, MakeFault } from "./network-faults.ts";
import { resend } from "./operator.ts";
import { byHarness, type Stage } from "./stage.ts";

const QUEUES = ["message_storage", "message_processing"] as const;
const STARTED_MS = 60_000;

/** What goes wrong at the broker itself. */
export const BROKER_FAULTS: readonly MakeFault[] = [
  (random) => killed(random.int(0, 3_000)),
  (random) => killed(random.int(0, 3_000)),
  (random) => alarm(random.pick(["disk", "memory"]), random.int(300, 3_000)),
  (random) => deleted(random.pick(QUEUES), random.chance(0.4)),
  (random) => deleted(random.pick(QUEUES), random.chance(0.4)),
  (random) => full(random.pick(QUEUES), random.int(300, 2_000)),
];

function killed(downMs: number): Fault {
  return {
    name: `broker killed, down ${downMs} ms`,
    run: async (stage) => {
      await stage.untilQueuesAreOld();
      await byHarness(stage.rabbit.kill9(), "the broker's kill");
      await pause(downMs);
      await byHarness(stage.rabbit.restart(), "the broker's restart");
      await untilStarted(stage);
    },
  };
}

/** A broker that has just been started may not even know its own name yet. */
async function untilStarted(stage: Stage): Promise<void> {
  for (const until = Date.now() + STARTED_MS; ; ) {
    try {
      await stage.rabbit.control("await_startup");
      return;
    } catch (error) {
      if (Date.now() > until) await byHarness(Promise.reject(error), "await_startup");
      await pause(300);
    }
  }
}

function alarm(resource: "disk" | "memory", ms: number): Fault {
  return {
    name: `broker's ${resource} alarm ${ms} ms`,
    run: async ({ rabbit }) => {
      await byHarness(rabbit.raiseAlarm(resource), "the alarm");
      await pause(ms);
      await byHarness(rabbit.clearAlarm(resource), "the alarm's end");
    },
  };
}

function deleted(queue: string, isSentAtOnce: boolean): Fault {
  return {
    name: `${queue} deleted${isSentAtOnce ? " and sent again at once" : ""}`,
    run: async (stage) => {
      await stage.deleteQueue(queue);
      if (isSentAtOnce) {
        stage.wasResentUnderLoad = true;
        await resend(stage);
      } else stage.needsResend = true;
    },
  };
}

/** A queue that takes no more: the broker refuses what it confirms otherwise. */
function full(queue: string, ms: number): Fault {
  return {
    name: `${queue} full ${ms} ms`,
    run: async (stage) => {
      const inVhost = ["--vhost", stage.vhost];
      // At once, a classic queue would drop what it has before it hears that it is to refuse.
      for (const most of [1_000_000, 1]) {
        const policy = JSON.stringify({ "max-length": most, overflow: "reject-publish" });
        await stage.control("set_policy", ...inVhost, "--apply-to", "queues", "full", `^${queue}$`, policy);
      }
      await pause(ms);
      await stage.control("clear_policy", ...inVhost, "full");
    },
  };
}
