const KEYS_PER_BLOCK = 1 << 16;

/** A set of keys, mostly ones that rise one by one, of which there may be millions. */
export class KeySet {
  readonly #blocks = new Map<number, Uint8Array>();
  size = 0;
  first = Number.POSITIVE_INFINITY;
  last = 0;

  add(key: number): void {
    this.first = Math.min(this.first, key);
    this.last = Math.max(this.last, key);
    const number = Math.floor(key / KEYS_PER_BLOCK);
    let block = this.#blocks.get(number);
    if (block === undefined) {
      block = new Uint8Array(KEYS_PER_BLOCK / 8);
      this.#blocks.set(number, block);
    }
    const place = key % KEYS_PER_BLOCK;
    const bits = block[place >> 3] ?? 0;
    const bit = 1 << (place & 7);
    if ((bits & bit) === 0) this.size += 1;
    block[place >> 3] = bits | bit;
  }
}
