import { type FileHandle, open } from "node:fs/promises";
import { WaybillError } from "../../src-shared/errors.ts";

/** Small enough that a piece is worked off well before a frame of the host's event loop is missed. */
const PIECE_BYTES = 64 * 1024;
/** Text has next to no zero bytes; UTF-16 without its mark has one in two. */
const BINARY_ZERO_SHARE = 0.2;
const BINARY_STARTS = ["PK\x03\x04", "\x1f\x8b", "SQLite format 3\0", "%PDF-", "\xd0\xcf\x11\xe0"];

export type TextFile = {
  /** The first piece, for telling what the file is; empty for a file without text. */
  start: string;
  /** The whole text piece by piece, with its start; to be read once. */
  pieces: AsyncIterable<string>;
  close(): Promise<void>;
};

/**
 * Opens a text file of any size: UTF-8 with or without byte order mark, or UTF-16 with one.
 * `onProgress` gets the bytes worked off and the size of the file, 0 for a pipe.
 * Throws `not_found`, `invalid` (a directory, empty, not text) or `unavailable` (can't be read).
 */
export async function openText(
  file: string,
  onProgress: ((bytesDone: number, bytesTotal: number) => void) | undefined,
): Promise<TextFile> {
  const { handle, size } = await openFile(file);
  try {
    const first = await readPiece(handle, file);
    if (first.length === 0)
      throw new WaybillError("invalid", `${file} is empty: there is nothing to import.`);
    if (looksBinary(first)) {
      throw new WaybillError(
        "invalid",
        `${file} is not a text file: save it as CSV, JSON or NDJSON in UTF-8 and import that.`,
      );
    }
    const decode = createDecoder(first, file);
    const start = decode(first);
    return { start, pieces: readPieces(), close: () => handle.close() };

    async function* readPieces(): AsyncGenerator<string> {
      let done = first.length;
      yield start;
      onProgress?.(done, size);
      for (;;) {
        const piece = await readPiece(handle, file);
        if (piece.length === 0) break;
        yield decode(piece);
        done += piece.length;
        onProgress?.(done, size);
      }
      yield decode(null);
    }
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function openFile(file: string): Promise<{ handle: FileHandle; size: number }> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file, "r");
    const stat = await handle.stat();
    if (!stat.isDirectory()) return { handle, size: stat.size };
  } catch (error) {
    await handle?.close();
    throw unreadable(file, error);
  }
  await handle.close();
  throw new WaybillError("invalid", `${file} is a directory: name a file in it.`);
}

/** Fills the piece even from a pipe, which gives what it has; shorter only at the end. */
async function readPiece(handle: FileHandle, file: string): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(PIECE_BYTES);
  let length = 0;
  try {
    while (length < PIECE_BYTES) {
      const { bytesRead } = await handle.read(buffer, length, PIECE_BYTES - length, null);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
  } catch (error) {
    throw unreadable(file, error);
  }
  return buffer.subarray(0, length);
}

function unreadable(file: string, error: unknown): WaybillError {
  const code = (error as NodeJS.ErrnoException).code ?? "unknown error";
  if (code === "ENOENT" || code === "ENOTDIR") {
    return new WaybillError("not_found", `There is no file ${file}.`, { cause: error });
  }
  if (code === "EISDIR") {
    return new WaybillError("invalid", `${file} is a directory: name a file in it.`, { cause: error });
  }
  const advice =
    code === "EACCES" || code === "EPERM" ? "give Waybill the right to read it" : "check its disk";
  return new WaybillError("unavailable", `${file} can't be read (${code}): ${advice}.`, { cause: error });
}

function looksBinary(bytes: Buffer): boolean {
  if (utf16(bytes) !== undefined) return false;
  const start = bytes.toString("latin1", 0, 16);
  if (BINARY_STARTS.some((magic) => start.startsWith(magic))) return true;
  const sample = bytes.subarray(0, 1024);
  const zeros = sample.reduce((count, byte) => (byte === 0 ? count + 1 : count), 0);
  return zeros > sample.length * BINARY_ZERO_SHARE;
}

function utf16(bytes: Buffer): "utf-16le" | "utf-16be" | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  return undefined;
}

/** Null ends the text. Wrong bytes are an error, not a replacement character: they would be kept as the record. */
function createDecoder(first: Buffer, file: string): (bytes: Buffer | null) => string {
  const encoding = utf16(first) ?? "utf-8";
  const decoder = new TextDecoder(encoding, { fatal: true });
  let done = 0;
  return (bytes) => {
    try {
      const text = bytes === null ? decoder.decode() : decoder.decode(bytes, { stream: true });
      done += bytes?.length ?? 0;
      return text;
    } catch (error) {
      const where = bytes === null ? "at its end" : `between bytes ${done} and ${done + bytes.length}`;
      throw new WaybillError(
        "invalid",
        `${file} is not ${encoding.toUpperCase()} text ${where}: save it as UTF-8 and import it again; rows that are in already stay single.`,
        { cause: error },
      );
    }
  };
}
