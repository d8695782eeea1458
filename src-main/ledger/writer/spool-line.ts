import { isUtf8 } from "node:buffer";
import { crc32 } from "node:zlib";
import type { Entry } from "../entries.ts";

/** One entry as it stands in a spool file. */
export type SpoolLine = {
  entry: Entry;
  /** Counted from 1 in each file; null where it was written before lines had numbers. */
  number: number | null;
};

const LINE = /^\{"crc":"([0-9a-f]{8})",((?:"line":(\d+),)?"entry":(.*))\}$/s;
const HEAD = '{"crc":"';
const BEFORE_HEAD = /(?=\{"crc":"[0-9a-f]{8}",")/;
const SPACE = 0x20;
/** So many bytes of a character may stand where a write was cut off. */
const CUT_BYTES = [0, 1, 2, 3];

/**
 * A line is `{"crc":"…","line":12,"entry":…}`: the checksum is over what follows it, so a torn or flipped one shows,
 * and the numbers tell how many are missing where the breaks between them are gone too.
 */
export function encodeLine(entry: Entry, number: number): string {
  const text = `"line":${number},"entry":${JSON.stringify(entry)}`;
  return `{"crc":"${checksum(text)}",${text}}\n`;
}

/** What stands between two breaks: one line, or several whose breaks are gone; as it stands where it is not what was written. */
export function decodeLines(text: string): (SpoolLine | string)[] {
  const line = decodeLine(text);
  if (line !== undefined) return [line];
  return text.split(BEFORE_HEAD).map((piece) => decodeLine(piece) ?? decodeLine(upToBrace(piece)) ?? piece);
}

/** Whether the end of a file is a line whose writing was cut off, and which was never accepted; or else damage. */
export function isCutOff(end: Buffer): boolean {
  return (
    HEAD.startsWith(end.toString("utf8", 0, HEAD.length)) &&
    // JSON has its control characters escaped.
    end.every((byte) => byte >= SPACE) &&
    CUT_BYTES.some((cut) => isUtf8(end.subarray(0, end.length - cut))) &&
    decodeLines(end.toString("utf8")).every((line) => typeof line === "string")
  );
}

function decodeLine(text: string): SpoolLine | undefined {
  const [, crc, rest, number, entry] = LINE.exec(text) ?? [];
  if (rest === undefined || entry === undefined) return undefined;
  // Without a number the checksum is over the entry alone.
  if (checksum(number === undefined ? entry : rest) !== crc) return undefined;
  return { entry: JSON.parse(entry) as Entry, number: number === undefined ? null : Number(number) };
}

/** A line without what its break became. */
function upToBrace(piece: string): string {
  return piece.slice(0, piece.lastIndexOf("}") + 1);
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, "0");
}
