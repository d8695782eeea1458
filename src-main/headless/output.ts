import { errnoOf } from "../api/atomic-file.ts";

/** The reader of our output went away, as `head` does: no fault, just the end. */
export class OutputClosed extends Error {
  override readonly name = "OutputClosed";
}

/** Writes to stdout and waits until it is taken. Throws `OutputClosed`. */
export function write(text: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => {
      if (error === null || error === undefined) resolve();
      else reject(errnoOf(error) === "EPIPE" ? new OutputClosed() : error);
    });
  });
}

export function writeLine(line: string): Promise<void> {
  return write(`${line}\n`);
}

/** On a terminal for reading, in a pipe for parsing. */
export function writeJson(value: unknown): Promise<void> {
  return writeLine(process.stdout.isTTY ? JSON.stringify(value, null, 2) : JSON.stringify(value));
}

/** For people: what went wrong, and how far things are. Programs read stdout. */
export function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Each failed write is told to its caller; without a listener the stream's own event would end the process. */
export function ignoreStreamErrors(): void {
  process.stdout.on("error", () => {});
  process.stderr.on("error", () => {});
}

/** One line on a terminal that is written over; nothing where stderr is no terminal. */
export class ProgressLine {
  readonly #show = process.stderr.isTTY;
  #shown = 0;

  update(text: string): void {
    const now = Date.now();
    if (!this.#show || now - this.#shown < 100) return;
    this.#shown = now;
    process.stderr.write(`\r\x1b[K${text}`);
  }

  end(): void {
    if (this.#show && this.#shown > 0) process.stderr.write("\r\x1b[K");
  }
}
