import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

export type ExportResult = { rows: number; file: string | null; text: string | null };

/**
 * Writes an export's pieces to a file, which gets its name only when it is whole, or without `out`
 * to a text. Rejects with what the pieces reject with, or the file's own error.
 */
export async function writeExport(
  chunks: AsyncIterable<{ text: string; rows: number }>,
  out?: string,
): Promise<ExportResult> {
  let rows = 0;
  async function* texts(): AsyncGenerator<string> {
    for await (const chunk of chunks) {
      rows += chunk.rows;
      yield chunk.text;
    }
  }
  if (out === undefined) {
    const parts: string[] = [];
    for await (const text of texts()) parts.push(text);
    return { rows, file: null, text: parts.join("") };
  }
  const file = resolve(out);
  const partial = `${file}.partial`;
  try {
    await pipeline(Readable.from(texts()), createWriteStream(partial, { mode: 0o600, flush: true }));
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
  return { rows, file, text: null };
}
