import type { ChainableCommander } from "ioredis";
import type { ChatTurn } from "../../src-shared/contract/chat.ts";
import { WaybillError } from "../../src-shared/errors.ts";
import { newId } from "../../src-shared/new-id.ts";
import { formatTime, SECOND_MS } from "../../src-shared/time.ts";
import { type ContextSettings, contextSettings, type Environment, redisOptions } from "./config.ts";
import { RedisConnection } from "./redis-connection.ts";

/** A chat waits so long for Redis at most, and not at all while it is known to be away. */
const COMMAND_MS = 2 * SECOND_MS;
const PROBE_SECONDS = 10;
const DEFAULT_LIMIT = 50;

type Json = Record<string, unknown>;

/**
 * What a bot remembers of its users for a while: their data, the last turns and a memory. It is kept in Redis alone,
 * and no method rejects for the sake of Redis: `problem` says why one gave false, null or nothing.
 */
export class ChatContext {
  readonly #connection: RedisConnection;
  readonly #settings: ContextSettings;
  readonly #onProblem: (problem: string | null) => void;
  #problem: string | null = null;

  /** `onProblem` is told when Redis is found to be away, and with null when it is back. */
  constructor(
    connection: RedisConnection,
    settings: ContextSettings,
    onProblem: (problem: string | null) => void,
  ) {
    this.#connection = connection;
    this.#settings = settings;
    this.#onProblem = onProblem;
  }

  /**
   * Connects to REDIS_URL; null without it. A Redis that is away is connected to when it is there. Rejects with
   * `invalid` for a setting that can't be read.
   */
  static async open(
    environment: Environment = process.env,
    onProblem: (problem: string | null) => void = () => {},
  ): Promise<ChatContext | null> {
    const options = redisOptions(environment);
    if (options === null) return null;
    const behaviour = { name: "waybill-chat", reconnects: true, commandMs: COMMAND_MS };
    const connection = new RedisConnection(options, behaviour);
    const context = new ChatContext(connection, contextSettings(environment), onProblem);
    await context.#attempt(() => connection.open(), undefined);
    return context;
  }

  /** Why the last call was in vain; null where it was not. */
  get problem(): string | null {
    return this.#problem;
  }

  storeUserData(userId: string, data: Json, seconds = this.#settings.userDataSeconds): Promise<boolean> {
    return this.#store(userDataKey(userId), data, seconds);
  }

  storeMemory(userId: string, memory: Json, seconds = this.#settings.memorySeconds): Promise<boolean> {
    return this.#store(memoryKey(userId), memory, seconds);
  }

  /** Adds one turn; the oldest beyond the length of a history go. */
  async storeChatHistory(
    userId: string,
    message: Json,
    seconds = this.#settings.historySeconds,
  ): Promise<boolean> {
    return this.#attempt(async () => {
      await run(this.#addTurn(this.#connection.client.multi(), userId, message, seconds));
      return true;
    }, false);
  }

  getUserData(userId: string): Promise<Json | null> {
    return this.#read(userDataKey(userId));
  }

  getMemory(userId: string): Promise<Json | null> {
    return this.#read(memoryKey(userId));
  }

  /** The last turns, newest first. */
  async getChatHistory(userId: string, limit = DEFAULT_LIMIT): Promise<Json[]> {
    const texts = await this.#attempt(
      () => this.#connection.client.lrange(historyKey(userId), 0, Math.max(limit, 1) - 1),
      [],
    );
    return texts.map(parseObject).filter((turn) => turn !== null);
  }

  /** False where there was none. */
  clearUserData(userId: string): Promise<boolean> {
    return this.#clear(userDataKey(userId));
  }

  /** False where there was none. */
  clearMemory(userId: string): Promise<boolean> {
    return this.#clear(memoryKey(userId));
  }

  /**
   * One turn with what it tells of the user and the memory, all of it or nothing. A turn that is in the history is
   * not added again. False where it was in vain.
   */
  async storeTurn(turn: ChatTurn, message_uuid: string, isRepeated: boolean): Promise<boolean> {
    const { user_id, email, bot_id, platform, memory } = turn;
    const { userDataSeconds, historySeconds, memorySeconds, historyLength } = this.#settings;
    const now = formatTime(Date.now());
    return this.#attempt(async () => {
      const { client } = this.#connection;
      if (isRepeated) {
        const texts = await client.lrange(historyKey(user_id), 0, historyLength - 1);
        if (texts.some((text) => parseObject(text)?.message_uuid === message_uuid)) return true;
      }
      const { requested_time, ...said } = turn;
      const entry = { ...said, message_uuid, timestamp: requested_time ?? now, created_at: now };
      const changes = this.#addTurn(client.multi(), user_id, entry, historySeconds);
      const userData = { email, bot_id, platform, last_activity: now };
      changes.set(userDataKey(user_id), JSON.stringify(userData), "EX", userDataSeconds);
      if (memory) changes.set(memoryKey(user_id), JSON.stringify(memory), "EX", memorySeconds);
      await run(changes);
      return true;
    }, false);
  }

  /** Forgets all of a user. False where it was in vain. */
  async forget(userId: string): Promise<boolean> {
    const keys = [userDataKey(userId), historyKey(userId), memoryKey(userId)];
    return this.#attempt(async () => {
      await this.#connection.client.del(keys);
      return true;
    }, false);
  }

  /** Writes, reads and deletes a key of its own. False where it was in vain. */
  async roundTrip(): Promise<boolean> {
    const key = `waybill:probe:${newId()}`;
    return this.#attempt(async () => {
      const { client } = this.#connection;
      await client.set(key, key, "EX", PROBE_SECONDS);
      const found = await client.get(key);
      await client.del(key);
      if (found === key) return true;
      throw new WaybillError("unavailable", "Redis gave back something else than was written.");
    }, false);
  }

  close(): void {
    this.#connection.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #addTurn(changes: ChainableCommander, userId: string, message: Json, seconds: number): ChainableCommander {
    const key = historyKey(userId);
    return changes
      .lpush(key, JSON.stringify(message))
      .ltrim(key, 0, this.#settings.historyLength - 1)
      .expire(key, seconds);
  }

  async #store(key: string, value: Json, seconds: number): Promise<boolean> {
    return this.#attempt(async () => {
      await this.#connection.client.set(key, JSON.stringify(value), "EX", seconds);
      return true;
    }, false);
  }

  async #read(key: string): Promise<Json | null> {
    const text = await this.#attempt(() => this.#connection.client.get(key), null);
    return text === null ? null : parseObject(text);
  }

  async #clear(key: string): Promise<boolean> {
    return this.#attempt(async () => (await this.#connection.client.del(key)) > 0, false);
  }

  async #attempt<T>(work: () => Promise<T>, otherwise: T): Promise<T> {
    try {
      const value = await work();
      this.#tell(null);
      return value;
    } catch (error) {
      this.#tell(this.#connection.failure(error).message);
      return otherwise;
    }
  }

  #tell(problem: string | null): void {
    const isNews = (problem === null) !== (this.#problem === null);
    this.#problem = problem;
    if (isNews) this.#onProblem(problem);
  }
}

/** Throws the first error among the answers: a command that fails in a transaction does not undo the others. */
async function run(changes: ChainableCommander): Promise<void> {
  for (const [error] of (await changes.exec()) ?? []) if (error !== null) throw error;
}

function userDataKey(userId: string): string {
  return `chats_idx:user_data:${userId}`;
}

function historyKey(userId: string): string {
  return `chats_idx:${userId}`;
}

function memoryKey(userId: string): string {
  return `chats_idx:memory:${userId}`;
}

/** Null for what another program put there and is no object. */
function parseObject(text: string): Json | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : null;
  } catch {
    return null;
  }
}
