import { setTimeout as pause } from "node:timers/promises";
import { SINKS, type SinkName } from "../../../src-shared/contract/sync-counts.ts";
import type { WriterKind, WriterOptions } from "../writers.ts";
import type { Fault, MakeFault } from "./network-faults.ts";

/** What becomes of the host; writers that lived on its connections begin anew. */
export function hostFaults(kinds: readonly WriterKind[], options: WriterOptions): MakeFault[] {
  const restarted = (how: "killed" | "stopped"): Fault => ({
    name: `host ${how}`,
    run: async (stage) => {
      options.weather.mayBreak = true;
      options.weather.mayPutOff = true;
      await stage.restartHost(how);
      await stage.startWriters(
        kinds.filter((kind) => kind !== "cli"),
        options,
      );
    },
  });
  return [
    () => restarted("killed"),
    () => restarted("stopped"),
    (random) => paused(random.pick(SINKS), random.int(300, 2_500)),
  ];
}

function paused(sink: SinkName, ms: number): Fault {
  return {
    name: `${sink} paused ${ms} ms`,
    run: async (stage) => {
      stage.wasInterrupted = true;
      await stage.call("sync.pause", { sink });
      await pause(ms);
      await stage.call("sync.resume", { sink });
    },
  };
}
