import type { Health } from "../../src-shared/contract/upkeep.ts";
import { useConnection } from "../api/connection.ts";
import { useProcedure } from "../api/hooks.ts";

const REFRESH_MS = 30_000;

export type HostState = {
  /** `down`: the host does not answer; `unknown`: it was not asked yet. */
  level: Health["status"] | "down" | "unknown";
  /** What is wrong, one sentence each, the gravest first; empty when all is well. */
  problems: readonly string[];
  /** Accepted records that wait for the database. */
  spooled: number;
};

/** How the host is, for the parts of the frame that always show it. */
export function useHostState(): HostState {
  const connection = useConnection();
  const { data } = useProcedure("health.get", {}, { refetchInterval: REFRESH_MS });
  const spooled = data?.spool.records ?? 0;
  if (connection === "lost") return { level: "down", problems: [], spooled };
  if (data === undefined) return { level: "unknown", problems: [], spooled };
  return { level: data.status, problems: problemsOf(data), spooled };
}

function problemsOf(health: Health): string[] {
  const checks = Object.values(health.checks);
  return [
    ...checks.filter((check) => check.state === "failing"),
    ...checks.filter((check) => check.state === "warning"),
  ].map((check) => check.message);
}
