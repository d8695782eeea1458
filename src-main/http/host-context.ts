import type { IncomingMessage, ServerResponse } from "node:http";
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import type { ApiKeys } from "../api/api-keys.ts";
import type { Handlers, UnexpectedError } from "../api/call-procedure.ts";
import type { HostEvents } from "../api/events.ts";
import type { JobManager } from "../api/jobs.ts";
import type { ReportFiles } from "../api/report-files.ts";
import type { HostStore } from "../api/store.ts";
import type { TokenFile } from "../api/token-file.ts";
import type { ChatLog } from "../chat/chat-log.ts";
import type { CheckedSystems } from "../chat/system-checks.ts";
import type { BrowserSessions } from "./browser-sessions.ts";

/** What the routes work on. */
export type HostContext = {
  ledger: HostStore;
  handlers: Handlers;
  jobs: JobManager;
  files: ReportFiles;
  events: HostEvents;
  token: TokenFile;
  keys: ApiKeys;
  chat: ChatLog;
  /** What a ledger's host connects to; null for an archive, which connects to nothing else. */
  systems: CheckedSystems | null;
  sessions: BrowserSessions;
  /** Aborted when the host begins to stop: streams end then, with an error that says so. */
  stopping: AbortSignal;
  onUnexpected: (unexpected: UnexpectedError) => void;
};

/** Routes whose `schema` is written in zod. */
export type ZodApp = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;
