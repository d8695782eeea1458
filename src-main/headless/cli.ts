import { Command } from "commander";
import { VERSION } from "../ledger/version.ts";
import { addDataDir } from "./command.ts";
import { configCommand } from "./commands/config.ts";
import { consumeCommand } from "./commands/consume.ts";
import { deadCommand } from "./commands/dead.ts";
import { keysCommand } from "./commands/keys.ts";
import { logCommand } from "./commands/log.ts";
import { searchCommand } from "./commands/search.ts";
import { serveCommand } from "./commands/serve.ts";
import { sessionsCommand } from "./commands/sessions.ts";
import { statsCommand } from "./commands/stats.ts";
import { syncCommand } from "./commands/sync.ts";
import { tailCommand } from "./commands/tail.ts";
import { exportCommand, importCommand } from "./commands/transfer.ts";
import {
  backupCommand,
  demoCommand,
  healthCommand,
  pruneCommand,
  repairCommand,
  restoreCommand,
  vacuumCommand,
} from "./commands/upkeep.ts";
import { reportFailure } from "./failures.ts";
import { ignoreStreamErrors } from "./output.ts";

function createProgram(): Command {
  const program = addDataDir(new Command("waybill"))
    .description("Waybill keeps the record of every message that your systems send.")
    .version(VERSION)
    .showSuggestionAfterError(true)
    .exitOverride()
    // The one line about bad usage is ours; what was asked for goes to stdout.
    .configureOutput({ writeErr: () => {} });
  for (const add of [
    serveCommand,
    logCommand,
    importCommand,
    exportCommand,
    searchCommand,
    statsCommand,
    sessionsCommand,
    tailCommand,
    healthCommand,
    backupCommand,
    restoreCommand,
    repairCommand,
    vacuumCommand,
    pruneCommand,
    syncCommand,
    consumeCommand,
    deadCommand,
    keysCommand,
    configCommand,
    demoCommand,
  ]) {
    add(program);
  }
  return program;
}

ignoreStreamErrors();
try {
  await createProgram().parseAsync();
} catch (error) {
  process.exitCode = reportFailure(error);
}
