import type { Output, ParsedInput } from "../../../src-shared/contract/index.ts";
import type { ReadName } from "../../ledger/reader/serve.ts";
import type { ArchiveDatabase } from "./archive-database.ts";
import { fingerprints } from "./fingerprints.ts";
import { listOutages, listParked, messageDeliveries } from "./forwarding.ts";
import { messageHistogram } from "./histogram.ts";
import { messageTypes } from "./message-types.ts";
import { countMessages, getMessage, messagesBySubject, searchMessages, windowMessages } from "./messages.ts";
import { getSession, listSessions, undelivered } from "./sessions.ts";
import { analyticsReport, overview, quickStats } from "./statistics.ts";
import { listSystemLogs } from "./system-logs.ts";
import { vocabulary } from "./vocabulary.ts";

/** The same procedures that the ledger's reader runs, each a function of the archive. */
const READS: { [N in ReadName]: (database: ArchiveDatabase, input: ParsedInput<N>) => Promise<Output<N>> } = {
  "messages.get": getMessage,
  "messages.search": searchMessages,
  "messages.bySubject": messagesBySubject,
  "messages.window": windowMessages,
  "messages.count": countMessages,
  "messages.histogram": messageHistogram,
  "messages.vocabulary": vocabulary,
  "messages.types": messageTypes,
  "sessions.list": listSessions,
  "sessions.get": getSession,
  "sessions.undelivered": undelivered,
  "stats.quick": quickStats,
  "stats.overview": overview,
  "stats.report": analyticsReport,
  "stats.fingerprints": fingerprints,
  "systemLogs.list": listSystemLogs,
  "sync.outages": listOutages,
  "sync.parked": listParked,
  "sync.deliveries": messageDeliveries,
};

/** Runs a reading procedure of the contract. Rejects with its errors, and `unavailable` where the archive can't be read. */
export async function readArchive<N extends ReadName>(
  database: ArchiveDatabase,
  name: N,
  input: ParsedInput<N>,
): Promise<Output<N>> {
  return READS[name](database, input);
}
