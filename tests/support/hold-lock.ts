/** Holds a ledger's lock from another process: `node hold-lock.ts FILE immediate|exclusive|alone`; a line on stdin ends it. */
import { once } from "node:events";
import Database from "better-sqlite3";

const [file = "", mode = "immediate"] = process.argv.slice(2);
const database = new Database(file, { fileMustExist: true });
// Not even readers get in then, as when a tool of the operator's keeps the file to itself.
if (mode === "alone") database.pragma("locking_mode = EXCLUSIVE");
database.exec(mode === "immediate" ? "BEGIN IMMEDIATE" : "BEGIN EXCLUSIVE");
database.exec("INSERT INTO ledger_meta VALUES ('held', '1')");
console.log("held");
await once(process.stdin, "data");
database.exec("ROLLBACK");
database.close();
console.log("released");
process.stdin.destroy();
