/** Parquet's RLE / bit-packing hybrid: small whole numbers, such as places in a dictionary, in as few bits as they need. */

/** Equal numbers in a row from which on they are written as one run. Below that, packing takes less. */
const RUN = 16;

/** Bits that whole numbers below `count` need; 0 where there is but one. */
export function bitsFor(count: number): number {
  return count <= 1 ? 0 : 32 - Math.clz32(count - 1);
}

/** Most bytes that {@link packIndexes} writes. */
export function packedBound(count: number, bits: number): number {
  // a run stands for at least 16 numbers, and has with the packed groups before it two headers of up to 5 bytes and
  // a number of up to 3
  return (Math.ceil(count / 8) + 1) * bits + (Math.ceil(count / RUN) + 1) * 13;
}

/**
 * Writes the first `count` numbers.
 *
 * @param numbers Each below 2^bits.
 * @param bits Width of a number, up to 24.
 * @param out At least {@link packedBound} bytes.
 * @param at Where in `out`.
 * @returns Where it ends.
 */
export function packIndexes(
  numbers: Uint8Array | Uint32Array,
  count: number,
  bits: number,
  out: Uint8Array,
  at: number,
): number {
  const varint = (value: number) => {
    while (value > 127) {
      out[at++] = value & 127 | 128;
      value >>>= 7;
    }
    out[at++] = value;
  };
  let row = 0;
  /** Where the numbers begin that are to be packed; always whole groups of eight, but at the very end. */
  let packed = 0;
  const pack = (end: number) => {
    if (end === packed) return;
    const groups = Math.ceil((end - packed) / 8);
    varint(groups << 1 | 1);
    const stop = at + groups * bits;
    let held = 0;
    let heldBits = 0;
    for (let i = packed; i < end; i++) {
      held |= numbers[i] << heldBits;
      heldBits += bits;
      while (heldBits >= 8) {
        out[at++] = held;
        held >>>= 8;
        heldBits -= 8;
      }
    }
    while (at < stop) { // the last group is filled up with zeros
      out[at++] = held;
      held = 0;
    }
  };
  while (row < count) {
    const number = numbers[row];
    let end = row + 1;
    while (end < count && numbers[end] === number) end++;
    if (end - row >= RUN) {
      pack(row);
      varint((end - row) << 1);
      for (let shift = 0; shift < bits; shift += 8) out[at++] = number >>> shift;
      row = packed = end;
    } else row = Math.min(row + 8, count);
  }
  pack(count);
  return at;
}
