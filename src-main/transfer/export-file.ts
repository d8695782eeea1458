import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { resolve } from "node:path";

export type ExportResult = { rows: number; file: string | null; text: string | null };

/** Bytes are UTF-8, and their memory is the writer's to give back. */
type Piece = { text: string | Uint8Array<ArrayBuffer>; rows: number };

/** What is written is sent to the disk at such steps: what is left for the end would be waited for. */
const SYNC_BYTES = 32 * 1024 * 1024;

/**
 * Writes an export's pieces to a file, which gets its name only when it is whole, or without `out`
 * to a text. Rejects with what the pieces reject with, or the file's own error.
 */
export async function writeExport(pieces: AsyncIterable<Piece>, out?: string): Promise<ExportResult> {
  if (out === undefined) return { ...(await toText(pieces)), file: null };
  const file = resolve(out);
  const partial = `${file}.partial`;
  try {
    const handle = await open(partial, "w", 0o600);
    const rows = await writePieces(handle, pieces).finally(() => handle.close());
    await rename(partial, file);
    return { rows, file, text: null };
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

async function toText(pieces: AsyncIterable<Piece>): Promise<{ rows: number; text: string }> {
  const parts: string[] = [];
  const decoder = new TextDecoder();
  let rows = 0;
  for await (const piece of pieces) {
    rows += piece.rows;
    parts.push(typeof piece.text === "string" ? piece.text : decoder.decode(piece.text));
  }
  return { rows, text: parts.join("") };
}

async function writePieces(handle: FileHandle, pieces: AsyncIterable<Piece>): Promise<number> {
  let rows = 0;
  let unsynced = 0;
  let syncing: Promise<void> = Promise.resolve();
  for await (const { text, rows: count } of pieces) {
    const bytes = typeof text === "string" ? Buffer.from(text) : text;
    await handle.appendFile(bytes);
    rows += count;
    unsynced += bytes.length;
    // Given back at once: the collector sees only how small its handle is.
    if (text instanceof Uint8Array) text.buffer.transfer(0);
    if (unsynced < SYNC_BYTES) continue;
    await syncing;
    syncing = handle.datasync();
    // Its failure is met at the next step; until then it must not count as unhandled.
    syncing.catch(() => {});
    unsynced = 0;
  }
  await syncing;
  await handle.sync();
  return rows;
}
