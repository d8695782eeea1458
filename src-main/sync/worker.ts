import { parentPort, workerData } from "node:worker_threads";
import { serveComparing } from "./compare.ts";
import { serveForwarding } from "./thread.ts";

export type SyncWorkerInput = { role: "forwarding" | "comparing"; database: string };

/** The one entry of the threads of forwarding; the role says which it is. */
const { role, database } = workerData as SyncWorkerInput;
if (parentPort === null) throw new Error("The thread of forwarding was started as a program");
if (role === "forwarding") serveForwarding(parentPort, database);
else serveComparing(parentPort, database);
