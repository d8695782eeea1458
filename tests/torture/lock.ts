import { join } from "node:path";
import { runNode } from "./processes.ts";
import type { Round } from "./round.ts";

export type Lock = { release: () => Promise<void> };

/** Another process takes the ledger's write lock and keeps it. */
export async function holdLock(round: Round, mode: "immediate" | "exclusive"): Promise<Lock> {
  const script = join(import.meta.dirname, "hold-lock.ts");
  const child = runNode(script, [join(round.dataDir, "ledger.db"), mode], {
    env: round.env,
    cwd: round.folder,
  });
  round.onEnd(() => child.kill());
  if ((await child.nextLine()) !== "held") throw new Error(`The lock could not be had: ${child.stderr()}`);
  return {
    release: async () => {
      child.process.stdin?.write("release\n");
      await child.ended;
    },
  };
}
