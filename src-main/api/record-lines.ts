import { isUtf8 } from "node:buffer";
import { MAX_RECORD_BYTES } from "../../src-shared/record.ts";

const NEWLINE = 0x0a;
const BYTE_ORDER_MARK = "\ufeff";

/**
 * No line may take more memory than this. It is well over a record's limit, since a record may be
 * written with escapes and blanks that its limit does not count.
 */
export const MAX_LINE_BYTES = 8 * MAX_RECORD_BYTES;

/** One line that holds something. `number` counts all lines from 1, `index` those that are not blank from 0. */
export type RecordLine = { number: number; index: number } & (
  | { record: unknown }
  | { error: string; tooLarge: boolean }
);

/** Turns bytes into the JSON values of their lines, as they arrive. Holds at most one unfinished line. */
export class RecordLines {
  #rest: Buffer[] = [];
  #restBytes = 0;
  #overlong = false;
  #number = 0;
  #index = 0;

  /** The lines that this chunk ends. */
  push(chunk: Buffer): RecordLine[] {
    const end = chunk.lastIndexOf(NEWLINE);
    if (end === -1) {
      this.#keep(chunk);
      return [];
    }
    const lines: RecordLine[] = [];
    let start = 0;
    if (this.#restBytes > 0 || this.#overlong) {
      start = chunk.indexOf(NEWLINE) + 1;
      this.#keep(chunk.subarray(0, start - 1));
      this.#takeRest(lines);
    }
    if (start <= end) this.#take(chunk.subarray(start, end), lines);
    this.#keep(chunk.subarray(end + 1));
    return lines;
  }

  /** The last line, where no newline ends it. */
  end(): RecordLine[] {
    const lines: RecordLine[] = [];
    if (this.#restBytes > 0 || this.#overlong) this.#takeRest(lines);
    return lines;
  }

  #keep(bytes: Buffer): void {
    if (bytes.length === 0 || this.#overlong) return;
    if (this.#restBytes + bytes.length > MAX_LINE_BYTES) {
      this.#overlong = true;
      this.#rest = [];
      this.#restBytes = 0;
      return;
    }
    this.#rest.push(bytes);
    this.#restBytes += bytes.length;
  }

  #takeRest(lines: RecordLine[]): void {
    if (this.#overlong) {
      this.#number += 1;
      lines.push(this.#fault(`is longer than ${MAX_LINE_BYTES} bytes`, true));
    } else {
      this.#take(Buffer.concat(this.#rest, this.#restBytes), lines);
    }
    this.#rest = [];
    this.#restBytes = 0;
    this.#overlong = false;
  }

  /** Whole lines without the last newline. Decoding many at once is what makes this quick. */
  #take(bytes: Buffer, lines: RecordLine[]): void {
    if (isUtf8(bytes)) {
      for (const text of bytes.toString("utf8").split("\n")) this.#parse(text, lines);
      return;
    }
    for (let start = 0; start <= bytes.length; ) {
      const newline = bytes.indexOf(NEWLINE, start);
      const end = newline === -1 ? bytes.length : newline;
      const line = bytes.subarray(start, end);
      if (isUtf8(line)) {
        this.#parse(line.toString("utf8"), lines);
      } else {
        this.#number += 1;
        lines.push(this.#fault("is not UTF-8 text", false));
      }
      start = end + 1;
    }
  }

  #parse(text: string, lines: RecordLine[]): void {
    this.#number += 1;
    const json = this.#number === 1 && text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
    if (json.length < 2 && json.trim() === "") return;
    try {
      const record: unknown = JSON.parse(json);
      lines.push({ number: this.#number, index: this.#index, record });
      this.#index += 1;
    } catch (error) {
      if (json.trim() === "") return;
      lines.push(this.#fault(`is not JSON: ${(error as SyntaxError).message}`, false));
    }
  }

  #fault(error: string, tooLarge: boolean): RecordLine {
    const line = { number: this.#number, index: this.#index, error, tooLarge };
    this.#index += 1;
    return line;
  }
}
