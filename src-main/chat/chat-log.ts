import { chatTurnRecord } from "../../src-shared/bodies/chat-turn.ts";
import {
  type ChatOutcome,
  type ChatResult,
  type ChatTurn,
  type ChatTurnInput,
  chatTurnSchema,
} from "../../src-shared/contract/chat.ts";
import type { SinkName } from "../../src-shared/contract/sync-counts.ts";
import { newId } from "../../src-shared/new-id.ts";
import { parseInput } from "../../src-shared/parse-input.ts";
import type { MessageInput } from "../../src-shared/record.ts";
import type { Accepted, MessageLogger } from "../ledger/message-logger.ts";
import type { ChatContext } from "../redis/chat-context.ts";

export type ChatSystems = {
  ledger: Pick<MessageLogger, "logMessage">;
  /** Null where Redis is off. Rejects with `invalid` where REDIS_URL can't be read. */
  context: () => Promise<ChatContext | null>;
  /** The sinks that are on. Rejects with `unavailable` where that can't be told now. */
  sinksOn: () => Promise<readonly SinkName[]>;
};

/** Logs the turns of chats: into the ledger, from which the sinks get them, and into the context that Redis keeps. */
export class ChatLog {
  readonly #systems: ChatSystems;

  constructor(systems: ChatSystems) {
    this.#systems = systems;
  }

  /**
   * Logs one turn; settles when the ledger has accepted it and Redis has been tried. Never rejects: what did not go
   * well is in `errors`. Without `success` nothing was kept.
   */
  async logAndPublishChat(turn: ChatTurnInput): Promise<ChatResult> {
    try {
      return await this.log(turn);
    } catch (error) {
      const result = { ledger: "failed", redis: "failed", rabbitmq: "failed", supabase: "failed" } as const;
      return { success: false, message_uuid: null, ...result, errors: [`ledger: ${reasonOf(error)}`] };
    }
  }

  /** The same, but rejects with `invalid`, `too_large` or `cannot_accept` where the ledger does not accept it. */
  async log(input: unknown): Promise<ChatResult> {
    const turn = readTurn(input);
    const { accepted } = this.#systems.ledger.logMessage(recordOf(turn));
    const acceptance = await accepted;
    const errors: string[] = [];
    const [redis, sinks] = await Promise.all([this.#remember(turn, acceptance, errors), this.#sinks(errors)]);
    return {
      success: true,
      message_uuid: acceptance.message_uuid,
      ledger: acceptance.stored === "ledger" ? "stored" : "queued",
      redis,
      ...sinks,
      errors,
    };
  }

  async #remember(turn: ChatTurn, accepted: Accepted, errors: string[]): Promise<ChatOutcome> {
    const failed = (reason: string): ChatOutcome => {
      errors.push(`redis: ${reason}`);
      return "failed";
    };
    try {
      const context = await this.#systems.context();
      if (context === null) return "off";
      if (await context.storeTurn(turn, accepted.message_uuid, accepted.duplicate)) return "stored";
      return failed(context.problem ?? "Redis did not take it.");
    } catch (error) {
      return failed(reasonOf(error));
    }
  }

  async #sinks(errors: string[]): Promise<Record<SinkName, ChatOutcome>> {
    try {
      const on = await this.#systems.sinksOn();
      const outcomeOf = (sink: SinkName): ChatOutcome => (on.includes(sink) ? "queued" : "off");
      return { rabbitmq: outcomeOf("rabbitmq"), supabase: outcomeOf("supabase") };
    } catch (error) {
      errors.push(`Where it is forwarded to can't be told now: ${reasonOf(error)}`);
      return { rabbitmq: "unknown", supabase: "unknown" };
    }
  }
}

/** Throws `invalid`. */
function readTurn(input: unknown): ChatTurn & { message_uuid: string } {
  const turn = parseInput(chatTurnSchema, input, "The turn");
  return { ...turn, message_uuid: turn.message_uuid ?? newId() };
}

function recordOf(turn: ChatTurn & { message_uuid: string }): MessageInput {
  // What is not given is not kept as null.
  const given = Object.entries(turn).filter(([, value]) => value !== undefined && value !== null);
  return { ...chatTurnRecord(Object.fromEntries(given), Date.now()), message_uuid: turn.message_uuid };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
