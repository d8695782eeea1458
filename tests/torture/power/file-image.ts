import type { Random } from "../seed.ts";

export type Change = { offset: number; data: Buffer } | { size: number };

/** The bytes of a file that grows. */
class Bytes {
  #buffer = Buffer.alloc(0);
  #size = 0;

  constructor(content: Buffer) {
    this.write(0, content);
  }

  write(offset: number, data: Buffer): void {
    const end = offset + data.length;
    if (end > this.#buffer.length) {
      const larger = Buffer.alloc(Math.max(end, 2 * this.#buffer.length));
      this.#buffer.copy(larger, 0, 0, this.#size);
      this.#buffer = larger;
    }
    data.copy(this.#buffer, offset);
    this.#size = Math.max(this.#size, end);
  }

  resize(size: number): void {
    if (size < this.#size) this.#buffer.fill(0, size, this.#size);
    else if (size > this.#size) this.write(size - 1, Buffer.alloc(1));
    this.#size = size;
  }

  apply(change: Change): void {
    if ("size" in change) this.resize(change.size);
    else this.write(change.offset, change.data);
  }

  get content(): Buffer {
    return this.#buffer.subarray(0, this.#size);
  }
}

/** How much of what was not synced a power cut leaves: nothing, all, some calls, or some sectors of some calls. */
export type Mercy = "none" | "all" | "some" | "torn";

/** A file as the disk has it for certain, and what was written to it since its last sync. */
export class FileImage {
  readonly #durable: Bytes;
  #pending: Change[] = [];

  constructor(content = Buffer.alloc(0)) {
    this.#durable = new Bytes(content);
  }

  change(change: Change): void {
    this.#pending.push(change);
  }

  sync(): void {
    for (const change of this.#pending) this.#durable.apply(change);
    this.#pending = [];
  }

  get unsynced(): number {
    return this.#pending.length;
  }

  /** As the host saw it: nothing is lost. */
  whole(): Buffer {
    const bytes = new Bytes(this.#durable.content);
    for (const change of this.#pending) bytes.apply(change);
    return bytes.content;
  }

  /** What is found after the power is back. */
  afterCut(mercy: Mercy, random: Random): Buffer {
    const sector = random.pick([512, 4_096]);
    for (const change of this.#pending) {
      if (mercy === "none" || (mercy !== "all" && random.chance(0.5))) continue;
      if (mercy === "torn" && "data" in change) {
        for (const part of sectors(change, sector)) if (random.chance(0.5)) this.#durable.apply(part);
      } else this.#durable.apply(change);
    }
    this.#pending = [];
    return this.#durable.content;
  }
}

/** A write as the disk takes it. */
function sectors({ offset, data }: { offset: number; data: Buffer }, sector: number): Change[] {
  const parts: Change[] = [];
  for (let start = 0; start < data.length; ) {
    const length = Math.min(data.length - start, sector - ((offset + start) % sector));
    parts.push({ offset: offset + start, data: data.subarray(start, start + length) });
    start += length;
  }
  return parts;
}
