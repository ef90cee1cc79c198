/**
 * Snappy (github.com/google/snappy, format_description.txt), into memory that is kept: hyparquet-writer's makes a buffer
 * for each call and doubles it as it fills, which for a day of five million readings is a gigabyte to be collected.
 */

/** Bits of the hash table: 16,384 places, as in the reference implementation. */
const TABLE_BITS = 14;

/** A copy reaches back this far at most, as its offset has 16 bits here. */
const MOST_OFFSET = 65_535;

/** Bytes at the end in which no match is looked for: four are read at a time. */
const MARGIN = 15;

/** Compresses one text after another. */
export class Snappy {
  private readonly table = new Int32Array(1 << TABLE_BITS);
  private out = new Uint8Array(0);

  /** @returns The compressed bytes: a view, good until the next call. */
  compress(input: Uint8Array): Uint8Array {
    const { table } = this;
    const { length } = input;
    const most = 32 + length + Math.ceil(length / 6); // what the reference implementation allows for
    if (this.out.length < most) this.out = new Uint8Array(most);
    const { out } = this;
    table.fill(-1);

    let at = 0;
    for (let left = length;; left >>>= 7) {
      if (left < 128) {
        out[at++] = left;
        break;
      }
      out[at++] = left & 127 | 128;
    }
    const literal = (from: number, to: number) => {
      const count = to - from;
      if (count === 0) return;
      if (count <= 60) out[at++] = count - 1 << 2;
      else {
        const bytes = count <= 1 << 8 ? 1 : count <= 1 << 16 ? 2 : count <= 1 << 24 ? 3 : 4;
        out[at++] = 59 + bytes << 2;
        for (let i = 0, rest = count - 1; i < bytes; i++, rest >>>= 8) out[at++] = rest;
      }
      out.set(input.subarray(from, to), at);
      at += count;
    };

    let emitted = 0;
    let place = 0;
    let misses = 32;
    while (place < length - MARGIN) {
      const word = input[place] | input[place + 1] << 8 | input[place + 2] << 16 | input[place + 3] << 24;
      const slot = Math.imul(word, 0x1e35a7bd) >>> 32 - TABLE_BITS;
      const candidate = table[slot];
      table[slot] = place;
      if (
        candidate === -1 || place - candidate > MOST_OFFSET || input[candidate] !== input[place] ||
        input[candidate + 1] !== input[place + 1] || input[candidate + 2] !== input[place + 2] ||
        input[candidate + 3] !== input[place + 3]
      ) {
        place += misses++ >>> 5; // further and further where nothing is found
        continue;
      }
      misses = 32;
      literal(emitted, place);
      const offset = place - candidate;
      let end = place + 4;
      while (end < length && input[end] === input[end - offset]) end++;
      for (let left = end - place; left > 0;) {
        // a copy has 4 to 64 bytes, so that none of fewer than 4 may be left
        const count = left > 67 ? 64 : left > 64 ? 60 : left;
        if (count < 12 && offset < 2048) {
          out[at++] = 1 | count - 4 << 2 | offset >>> 8 << 5;
          out[at++] = offset;
        } else {
          out[at++] = 2 | count - 1 << 2;
          out[at++] = offset;
          out[at++] = offset >>> 8;
        }
        left -= count;
      }
      place = emitted = end;
    }
    literal(emitted, length);
    return out.subarray(0, at);
  }
}
