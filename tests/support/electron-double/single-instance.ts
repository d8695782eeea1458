import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const LOOK_MS = 100;
const FIRST = "double-first.pid";
const SECOND = /^double-second-\d+\.json$/;

export type SecondInstance = { argv: string[]; workingDirectory: string; data: unknown };

/** One process for each `userData` folder, as Electron's lock has it; a later one leaves what it was started with. */
export function requestLock(
  folder: string,
  data: unknown,
  onSecond: (second: SecondInstance) => void,
): boolean {
  const first = join(folder, FIRST);
  if (existsSync(first) && isAlive(Number(readFileSync(first, "utf8")))) {
    const note = join(folder, `double-second-${process.pid}.json`);
    const second: SecondInstance = { argv: process.argv, workingDirectory: process.cwd(), data };
    writeFileSync(`${note}.part`, JSON.stringify(second));
    renameSync(`${note}.part`, note);
    return false;
  }
  writeFileSync(first, String(process.pid));
  process.on("exit", () => rmSync(first, { force: true }));
  const timer = setInterval(() => {
    for (const name of readdirSync(folder).filter((file) => SECOND.test(file))) {
      const note = join(folder, name);
      const second = JSON.parse(readFileSync(note, "utf8")) as SecondInstance;
      rmSync(note);
      onSecond(second);
    }
  }, LOOK_MS);
  timer.unref();
  return true;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
