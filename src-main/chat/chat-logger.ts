import type { ChatResult, ChatTurnInput } from "../../src-shared/contract/chat.ts";
import type { SinkName } from "../../src-shared/contract/sync-counts.ts";
import { MessageLogger, type OpenOptions } from "../ledger/message-logger.ts";
import { ChatContext } from "../redis/chat-context.ts";
import { ChatLog } from "./chat-log.ts";

// This file is what the package exports as waybill/chat.
export type { ChatContext, ChatResult, ChatTurnInput };

/** Chat logging for a program of its own; a host of the same data folder forwards what it logs to the sinks. */
export class ChatLogger extends ChatLog {
  readonly ledger: MessageLogger;
  /** What the bot remembers of its users; null without REDIS_URL. */
  readonly context: ChatContext | null;

  private constructor(ledger: MessageLogger, context: ChatContext | null) {
    const sinksOn = async (): Promise<SinkName[]> => {
      const { sinks } = await ledger.sync.facts();
      return sinks.filter(({ enabled }) => enabled).map(({ sink }) => sink);
    };
    super({ ledger, context: async () => context, sinksOn });
    this.ledger = ledger;
    this.context = context;
  }

  /**
   * Opens the ledger as `MessageLogger.open` does, and connects to REDIS_URL where it is set. Rejects with `invalid`
   * where a setting of Redis can't be read.
   */
  static async open(options: OpenOptions = {}): Promise<ChatLogger> {
    const context = await ChatContext.open();
    try {
      return new ChatLogger(await MessageLogger.open(options), context);
    } catch (error) {
      context?.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.context?.close();
    await this.ledger.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
