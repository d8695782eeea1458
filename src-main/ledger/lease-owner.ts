import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { mayBeAlive } from "./writer/may-be-alive.ts";

const OWNER = /^(.*)\/(\d+)\/[0-9a-f-]{36}$/s;

/** Names one forwarder, so that others on its machine can tell whether its process still lives. */
export function newLeaseOwner(): string {
  return `${hostname()}/${process.pid}/${randomUUID()}`;
}

/**
 * Whether the owner's process was killed. Where that can't be known, as on another machine, its lease runs out by
 * itself; a wrong guess has both forward for a moment, and sinks get some changes twice.
 */
export function hasEnded(owner: string): boolean {
  const [, machine, pid] = OWNER.exec(owner) ?? [];
  return machine === hostname() && !mayBeAlive(Number(pid));
}
