/** Logs through MessageLogger as fast as it is accepted and prints each uuid once it is: `node log-forever.ts DIR PREFIX`. */

import { MessageLogger } from "../../src-main/ledger/message-logger.ts";
import { WaybillError } from "../../src-shared/errors.ts";

const [dataDir = "", name = ""] = process.argv.slice(2);
const logger = await MessageLogger.open({ dataDir });
console.log("open");

let stopped = false;
process.stdin.once("data", () => {
  stopped = true;
});

let count = 0;
async function logOne(): Promise<void> {
  const { message_uuid, accepted } = logger.logMessage({
    topic: name,
    session_id: `${name}-${count % 5}`,
    content_preview: `message ${count}`,
    message_data: { count },
  });
  count += 1;
  const { stored } = await accepted;
  process.stdout.write(`${message_uuid} ${stored}\n`);
  if (count % 3 !== 0) return;
  try {
    await logger.updateMessageStatus(message_uuid, "sent");
  } catch (error) {
    // The ledger that has it may have been replaced meanwhile, by a restore or with a damaged one.
    if (!(error instanceof WaybillError) || !["not_found", "cannot_accept"].includes(error.code)) throw error;
  }
}

while (!stopped) await Promise.all(Array.from({ length: 20 }, logOne));
await logger.close();
process.stdin.destroy();
