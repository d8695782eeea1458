/** Uses a ledger in every way that keeps a timer or thread, closes it, and is done: `node open-and-close.ts DIR`. */
import { setTimeout as pause } from "node:timers/promises";
import { MessageLogger } from "../../src-main/ledger/message-logger.ts";

const logger = await MessageLogger.open({ dataDir: process.argv[2] ?? "" });
logger.on("health.changed", () => {});
// Never taken back.
logger.on("message.changed", () => {});
await logger.logMessage({ topic: "a" }).accepted;
const ignored = (): void => {};
await logger.searchMessages().catch(ignored);
await logger.getDatabaseHealth({ deep: true }).catch(ignored);
await logger.exportData({ format: "csv" }).catch(ignored);
// In the middle of a look at the history.
await pause(30);
logger.logMessage({ topic: "b" });
await logger.close();
