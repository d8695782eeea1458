import type { EventData } from "../../src-shared/contract/index.ts";
import type { MessageLogger } from "../ledger/message-logger.ts";

/** What procedures and routes read from: the ledger of this machine, or a team's archive. */
export type ReadingStore = Pick<MessageLogger, "dataDir" | "read" | "exportChunks" | "exportData"> & {
  on: (
    event: "message.changed",
    listener: (change: EventData<"message.changed">) => void,
    onOpen?: () => void,
  ) => () => void;
};

/** What a host works on. An archive refuses what is to be logged: `waybill consume` writes it. */
export type HostStore = ReadingStore & Pick<MessageLogger, "logMessage" | "logMessages">;
