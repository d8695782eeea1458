/** Holds a ledger's write lock from another process: `node hold-lock.ts FILE immediate|exclusive`; a line on stdin ends it. */
import { once } from "node:events";
import Database from "better-sqlite3";

const [file = "", mode = "immediate"] = process.argv.slice(2);
const database = new Database(file, { fileMustExist: true, timeout: 10_000 });
database.exec(mode === "exclusive" ? "BEGIN EXCLUSIVE" : "BEGIN IMMEDIATE");
console.log("held");
await once(process.stdin, "data");
database.exec("ROLLBACK");
database.close();
process.stdin.destroy();
