import type { FastifyInstance } from "fastify";
import { errnoOf } from "../api/atomic-file.ts";
import { type LegacyLiveOptions, startLegacyLive } from "../http/legacy-live.ts";
import { UsageError } from "./failures.ts";

/** The WebSocket of LEGACY_WEBSOCKET_PORT; null where that is not set. Throws `UsageError` where it can't listen. */
export async function listenForLegacyClients(
  core: Omit<LegacyLiveOptions, "port">,
): Promise<FastifyInstance | null> {
  const text = process.env.LEGACY_WEBSOCKET_PORT?.trim();
  if (!text) return null;
  const port = /^\d+$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535)
    throw new UsageError(`LEGACY_WEBSOCKET_PORT is "${text}"; it must be a number from 1 to 65535.`);
  try {
    return await startLegacyLive({ ...core, port });
  } catch (error) {
    if (errnoOf(error) !== "EADDRINUSE" && errnoOf(error) !== "EACCES") throw error;
    throw new UsageError(`port ${port} can't be had. Choose another with LEGACY_WEBSOCKET_PORT.`);
  }
}
