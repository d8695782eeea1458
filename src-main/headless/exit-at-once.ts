/**
 * Ends the process now. `process.exit` first waits for every thread, and one that is inside of SQLite
 * does not come back before its query is done; to become another program that ends takes no such wait.
 */
export function exitAtOnce(code: number): never {
  try {
    process.execve?.(process.execPath, [process.execPath, "-e", `process.exitCode = ${code}`], {});
  } catch {
    // Not on this platform.
  }
  process.kill(process.pid, "SIGKILL");
  throw new Error("The process is ending");
}
