import type { Cleanup, IngestState, ProbeStep, SystemCheck } from "../../src-shared/contract/chat.ts";
import { WaybillError } from "../../src-shared/errors.ts";
import type { Level } from "../../src-shared/system-log.ts";
import { formatTime } from "../../src-shared/time.ts";
import type { MessageLogger } from "../ledger/message-logger.ts";
import type { ChatContext } from "./chat-context.ts";
import {
  type Environment,
  type IngestSources,
  ingestSources,
  type RedisOptions,
  redisOptions,
} from "./config.ts";
import type { Ingest } from "./ingest.ts";
import { newIngestState } from "./ingest-state.ts";

type Options = {
  ledger: MessageLogger;
  environment: Environment;
  log: (level: Level, message: string) => void;
};

type Finding = Pick<SystemCheck, "status" | "message">;
type ProbeOutcome = Pick<ProbeStep, "outcome" | "message">;

const OFF: Finding = { status: "off", message: "Redis is not configured: REDIS_URL is not set." };

/** Redis with the environment of a host: the context of chats, and what other programs put there to be logged. */
export class RedisHost {
  readonly #options: Options;
  #redis: RedisOptions | null = null;
  #context: ChatContext | null = null;
  /** What is wrong with how it is configured. */
  #fault: WaybillError | null = null;
  #ingests: readonly Ingest[] = [];
  /** Those that are asked for, and can't begin. */
  #stopped: readonly IngestState[] = [];
  #starting: Promise<void> = Promise.resolve();

  constructor(options: Options) {
    this.#options = options;
  }

  /** Begins to connect, and to take in. Never rejects: what is wrong is logged, and in the checks. */
  start(): Promise<void> {
    this.#starting = this.#start();
    return this.#starting;
  }

  /** Null where Redis is off. Rejects with `invalid` where it is not configured rightly. */
  async context(): Promise<ChatContext | null> {
    await this.#starting;
    if (this.#fault !== null) throw this.#fault;
    return this.#context;
  }

  get ingests(): IngestState[] {
    return [...this.#stopped, ...this.#ingests.map(({ state }) => state)];
  }

  /** Writes, reads and deletes a key. Never rejects. */
  async roundTrip(): Promise<Finding> {
    await this.#starting;
    if (this.#fault !== null) return { status: "failed", message: this.#fault.message };
    const context = this.#context;
    if (context === null) return OFF;
    if (await context.roundTrip())
      return { status: "ok", message: "Wrote a key to Redis, read it, and deleted it." };
    return { status: "failed", message: context.problem ?? "Redis did not do what it was asked." };
  }

  /** Stores a turn, and finds it in the history. Never rejects. */
  async storeProbe(
    turn: Parameters<ChatContext["storeTurn"]>[0],
    message_uuid: string,
  ): Promise<ProbeOutcome> {
    return this.#tryContext(async (context) => {
      const isStored = await context.storeTurn(turn, message_uuid, false);
      const [newest] = isStored ? await context.getChatHistory(turn.user_id, 1) : [];
      if (newest?.message_uuid === message_uuid) return "Stored, and found in the history.";
      throw new WaybillError("unavailable", context.problem ?? "What was stored is not in the history.");
    });
  }

  /** Forgets all of a user. Never rejects. */
  async removeProbe(userId: string): Promise<ProbeOutcome> {
    return this.#tryContext(async (context) => {
      if (await context.forget(userId)) return "Deleted.";
      throw new WaybillError("unavailable", context.problem ?? "Redis did not delete it.");
    });
  }

  /** Ends the connection of the chats and makes a new one. Never rejects; gives what is wrong, too. */
  async renew(): Promise<{ outcome: Cleanup["redis"]; problem: string | null }> {
    await this.#starting;
    if (this.#fault !== null) return { outcome: "failed", problem: this.#fault.message };
    if (this.#redis === null) return { outcome: "off", problem: null };
    const old = this.#context;
    this.#context = await this.#connect();
    old?.close();
    const problem = this.#context?.problem ?? null;
    return { outcome: problem === null ? "renewed" : "failed", problem };
  }

  /** Settles what was taken in, and disconnects. */
  async close(): Promise<void> {
    await this.#starting;
    await Promise.all(this.#ingests.map((ingest) => ingest.close()));
    this.#context?.close();
  }

  async #start(): Promise<void> {
    const { environment, ledger, log } = this.#options;
    const sources = ingestSources(environment);
    const takesIn = sources.queue !== null || sources.stream !== null;
    try {
      this.#redis = redisOptions(environment);
      if (this.#redis === null) {
        if (!takesIn) return;
        this.#stop(sources, "REDIS_URL is not set.");
        log("warning", "Nothing is taken in from Redis: REDIS_URL is not set.");
        return;
      }
      this.#context = await this.#connect();
      if (!takesIn) return;
      const { startIngests } = await import("./start-ingests.ts");
      this.#ingests = startIngests({ redis: this.#redis, sources, ledger, log });
    } catch (error) {
      this.#fault = error instanceof WaybillError ? error : new WaybillError("unavailable", String(error));
      this.#stop(sources, this.#fault.message);
      log("error", `Redis is not used: ${this.#fault.message}`);
    }
  }

  #stop({ queue, stream }: IngestSources, problem: string): void {
    const last_error = { ts: formatTime(Date.now()), message: problem };
    this.#stopped = [
      ...(queue === null ? [] : [newIngestState(queue, "list")]),
      ...(stream === null ? [] : [newIngestState(stream, "stream")]),
    ].map((state) => ({ ...state, state: "stopped", problem, last_error }));
  }

  async #tryContext(work: (context: ChatContext) => Promise<string>): Promise<ProbeOutcome> {
    try {
      const context = await this.context();
      if (context === null) return { outcome: "off", message: OFF.message };
      return { outcome: "done", message: await work(context) };
    } catch (error) {
      return { outcome: "failed", message: error instanceof WaybillError ? error.message : String(error) };
    }
  }

  async #connect(): Promise<ChatContext | null> {
    // Loaded when it is needed: its client takes time that every start of a host would pay.
    const { ChatContext } = await import("./chat-context.ts");
    return ChatContext.open(this.#options.environment, (problem) => {
      if (problem === null) this.#options.log("info", "Redis answers again.");
      else this.#options.log("warning", `The context of chats is not kept now: ${problem}`);
    });
  }
}
