import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Acceptance } from "../../src-shared/contract/messages.ts";
import { type MessageRecord, normalizeMessage, toRecord } from "../../src-shared/record.ts";
import { formatTime } from "../../src-shared/time.ts";

export const NOW = Date.UTC(2026, 4, 4, 12);

/** Takes records as the ledger does, into memory. */
export class Recorder {
  readonly messages = new Map<string, MessageRecord>();

  logMessages(list: readonly unknown[]): Promise<Acceptance> {
    const acceptance: Acceptance = {
      accepted: 0,
      duplicates: 0,
      rejected: [],
      message_uuids: [],
      receipt: null,
    };
    for (const [index, input] of list.entries()) {
      const normalized = normalizeMessage(input, NOW);
      if (!normalized.ok) {
        acceptance.rejected.push({ index, error: normalized.error });
        continue;
      }
      const record = toRecord(normalized.message);
      acceptance.accepted += 1;
      acceptance.message_uuids.push(record.message_uuid);
      if (this.messages.has(record.message_uuid)) acceptance.duplicates += 1;
      else this.messages.set(record.message_uuid, record);
    }
    return Promise.resolve(acceptance);
  }

  get records(): MessageRecord[] {
    return [...this.messages.values()];
  }
}

/** A directory that goes when the test ends. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "waybill-transfer-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

export async function temporaryFile(name: string, content: string | Uint8Array): Promise<string> {
  const file = join(await temporaryDirectory(), name);
  await writeFile(file, content);
  return file;
}

export function madeRecord(fields: Readonly<Record<string, unknown>>): MessageRecord {
  const normalized = normalizeMessage({ origin_ts: formatTime(NOW), ...fields }, NOW);
  if (!normalized.ok) throw new Error(normalized.error);
  return toRecord(normalized.message);
}
