import { MINUTE_MS, SECOND_MS } from "../../src-shared/time.ts";

export const MAX_BODY_BYTES = 64 * 1024 * 1024;
/** For routes that take no list of records: one record with room for its other fields. */
export const SMALL_BODY_BYTES = 2 * 1024 * 1024;
/** The answer names every id, so that its size is bounded by this. */
export const MAX_RECORDS_PER_BODY = 1_000_000;
/** Records that go to the ledger in one list. */
export const RECORD_BATCH = 1_000;
export const BATCHES_IN_FLIGHT = 2;

/** A sender that trickles its headers, or falls silent in the middle of a body, is cut off. */
export const HEADERS_TIMEOUT_MS = 10 * SECOND_MS;
/** How often Node looks for such senders. */
export const TIMEOUT_CHECK_MS = 2 * SECOND_MS;
export const REQUEST_TIMEOUT_MS = 10 * MINUTE_MS;
export const IDLE_TIMEOUT_MS = 2 * MINUTE_MS;
export const KEEP_ALIVE_MS = 30 * SECOND_MS;
export const MAX_CONNECTIONS = 1_000;

/** What may wait in memory for a reader of a WebSocket before it is cut off. */
export const MAX_SOCKET_BACKLOG_BYTES = 8 * 1024 * 1024;
export const MAX_SOCKET_MESSAGE_BYTES = 64 * 1024;
export const SOCKET_PING_MS = 30 * SECOND_MS;
