/** Readings out of COPY's binary format (postgresql.org/docs/current/sql-copy.html, Binary Format). */

import { VALUE_COLUMNS } from "../sensors.ts";
import type { ReadingGroup } from "./reading_group.ts";

/**
 * What is copied, in this order: the engine's name as it sorts, the reading, and two hashes of the whole row, whose
 * sums are its day's digest.
 */
export const COPIED_COLUMNS = [
  "unit_number",
  "cycle",
  '"timestamp"',
  ...VALUE_COLUMNS,
  "batch_id",
  "created_at",
  "hash_0",
  "hash_1",
] as const;

const SIGNATURE = [0x50, 0x47, 0x43, 0x4f, 0x50, 0x59, 0x0a, 0xff, 0x0d, 0x0a, 0x00];

/** Of the signature, the flags and the length of the header's extension. */
const HEADER_BYTES = SIGNATURE.length + 4 + 4;

/** The stream is not what COPY writes for these columns. */
export class CopyFormatError extends Error {
  override readonly name = "CopyFormatError";
}

function refuse(what: string, expected: string, value: unknown): never {
  throw new CopyFormatError(
    `Cannot read the copied readings as ${what} must be ${expected}: current value is ${value}`,
  );
}

/** Decodes chunk by chunk, wherever the chunks are cut. */
export class CopyDecoder {
  /** Readings so far. */
  rows = 0;
  /** Whether the end was there: what was copied is whole. */
  ended = false;
  private begun = false;
  /** Begin of a row whose end has not come. */
  private rest: Uint8Array | undefined;
  private readonly sums = [0n, 0n];
  /** Upper and lower halves of what is not in `sums` yet. */
  private readonly halves = new Float64Array(4);
  private halvesOf = 0;
  /** The buffer of the last chunk, by its bytes and by its numbers. */
  private whole: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  private view: DataView<ArrayBuffer> = new DataView(this.whole.buffer);
  /** Place behind what was last read. */
  private at = 0;

  /**
   * Takes a chunk: rows are added to the group, until it is full.
   *
   * @returns What did not fit into the group; undefined when all of the chunk was taken.
   * @throws {CopyFormatError}
   */
  decode(chunk: Uint8Array, group: ReadingGroup): Uint8Array | undefined {
    const bytes = this.rest === undefined ? chunk : joined(this.rest, chunk);
    this.rest = undefined;
    // of one buffer that was received come many chunks
    if (this.whole.buffer !== bytes.buffer) {
      this.whole = new Uint8Array(bytes.buffer as ArrayBuffer);
      this.view = new DataView(this.whole.buffer);
    }
    const { whole } = this;
    const end = bytes.byteOffset + bytes.byteLength;
    this.at = bytes.byteOffset;
    if (!this.begun && !this.header(whole, end)) {
      this.rest = whole.slice(this.at, end);
      return undefined;
    }
    while (this.at < end) {
      if (this.ended) refuse("what follows its end", "nothing", `${end - this.at} bytes`);
      if (group.length === group.capacity) return whole.subarray(this.at, end);
      const start = this.at;
      if (!this.row(whole, end, group)) {
        this.rest = whole.slice(start, end);
        return undefined;
      }
    }
    return undefined;
  }

  /** The digest of all readings so far, as `sensor_data_digest` gives it. */
  digest(): string {
    this.addHalves();
    return this.sums.join(" ");
  }

  private header(bytes: Uint8Array, end: number): boolean {
    const start = this.at;
    for (let i = 0; i < SIGNATURE.length && start + i < end; i++) {
      if (bytes[start + i] !== SIGNATURE[i]) refuse("their signature", "that of COPY", bytes[start + i]);
    }
    if (end - start < HEADER_BYTES) return false;
    const extension = this.view.getInt32(start + SIGNATURE.length + 4);
    if (end - start < HEADER_BYTES + extension) return false;
    this.at = start + HEADER_BYTES + extension;
    this.begun = true;
    return true;
  }

  /** Reads a row; false when its end has not come: it is read again then. */
  private row(bytes: Uint8Array, end: number, group: ReadingGroup): boolean {
    const { view } = this;
    let { at } = this;
    if (at + 2 > end) return false;
    const fields = view.getInt16(at);
    at += 2;
    if (fields === -1) {
      this.ended = true;
      this.at = at;
      return true;
    }
    if (fields !== COPIED_COLUMNS.length) refuse("the number of columns", COPIED_COLUMNS.length + "", fields);
    const row = group.length;

    if (at + 4 > end) return false;
    const nameBytes = view.getInt32(at);
    if (nameBytes < 0) refuse("unit_number", "there", "null");
    at += 4;
    if (at + nameBytes + 8 > end) return false;
    group.engines.set(row, bytes, at, nameBytes);
    at += nameBytes;

    if (view.getInt32(at) !== 4) refuse("cycle", "4 bytes", view.getInt32(at));
    group.cycles[row] = view.getInt32(at + 4);
    at += 8;

    if (at + 12 > end) return false;
    if (view.getInt32(at) !== 8) refuse("timestamp", "8 bytes", view.getInt32(at));
    group.timestamps.set(row, view.getInt32(at + 4), view.getInt32(at + 8));
    at += 12;

    const { measurements } = group;
    for (let i = 0; i < measurements.length; i++) {
      if (at + 4 > end) return false;
      const length = view.getInt32(at);
      at += 4;
      if (length === 4) {
        if (at + 4 > end) return false;
        measurements[i].bits[row] = view.getInt32(at);
        measurements[i].present[row] = 1;
        at += 4;
      } else if (length === -1) measurements[i].present[row] = 0;
      else refuse(VALUE_COLUMNS[i], "4 bytes", length);
    }

    if (at + 20 + 12 + 12 + 12 > end) return false;
    if (view.getInt32(at) !== 16) refuse("batch_id", "16 bytes", view.getInt32(at));
    group.batches.set(row, bytes, at + 4, 16);
    at += 20;
    if (view.getInt32(at) !== 8) refuse("created_at", "8 bytes", view.getInt32(at));
    group.created.set(row, view.getInt32(at + 4), view.getInt32(at + 8));
    at += 12;
    if (view.getInt32(at) !== 8 || view.getInt32(at + 12) !== 8) {
      refuse("the row's hashes", "8 bytes each", view.getInt32(at));
    }
    // sums of halves stay exact in a double for 2^21 rows
    const { halves } = this;
    halves[0] += view.getInt32(at + 4);
    halves[1] += view.getUint32(at + 8);
    halves[2] += view.getInt32(at + 16);
    halves[3] += view.getUint32(at + 20);
    if (++this.halvesOf === 1 << 20) this.addHalves();

    for (let i = 0; i < measurements.length; i++) measurements[i].nulls += 1 - measurements[i].present[row];
    group.length = row + 1;
    this.rows++;
    this.at = at + 24;
    return true;
  }

  private addHalves(): void {
    const { halves, sums } = this;
    sums[0] += (BigInt(halves[0]) << 32n) + BigInt(halves[1]);
    sums[1] += (BigInt(halves[2]) << 32n) + BigInt(halves[3]);
    halves.fill(0);
    this.halvesOf = 0;
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
