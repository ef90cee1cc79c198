/** Readings by the column, as they come from COPY and go into a row group of Parquet. */

import { IndexedValues, NumberValues, type ParquetColumn, type ParquetValues } from "../lake/parquet.ts";
import { VALUE_COLUMNS } from "../sensors.ts";

/** Columns of an archived day. They are those of sensor_data, with the engine's public name in place of its key. */
export const ARCHIVE_COLUMNS: readonly ParquetColumn[] = [
  { name: "engine_id", type: "text" },
  { name: "cycle", type: "int32" },
  { name: "timestamp", type: "timestamp" },
  ...VALUE_COLUMNS.map((name) => ({ name, type: "float32", nullable: true } as const)),
  { name: "batch_id", type: "uuid" },
  { name: "created_at", type: "timestamp" },
];

/** Microseconds from 1970, which Parquet counts from, to 2000, which Postgres counts from, as two words. */
const EPOCH = 946_684_800_000_000n;
const EPOCH_HIGH = Number(EPOCH >> 32n);
const EPOCH_LOW = Number(EPOCH & 0xffffffffn);

/** Timestamps in microseconds. */
class Timestamps {
  readonly values: BigInt64Array;
  private readonly words: Int32Array;

  constructor(capacity: number) {
    this.values = new BigInt64Array(capacity);
    this.words = new Int32Array(this.values.buffer);
  }

  /** Takes a timestamp as Postgres sends it: two words, microseconds since 2000. */
  set(row: number, high: number, low: number): void {
    const unsigned = low >>> 0;
    // infinity and -infinity are the largest and the smallest number, here as there
    const infinite = (high === 0x7fffffff && unsigned === 0xffffffff) ||
      (high === -0x80000000 && unsigned === 0);
    if (infinite) {
      this.words[2 * row] = low;
      this.words[2 * row + 1] = high;
      return;
    }
    const sum = unsigned + EPOCH_LOW;
    this.words[2 * row] = sum | 0;
    this.words[2 * row + 1] = high + EPOCH_HIGH + (sum > 0xffffffff ? 1 : 0);
  }
}

/** Measured values of one column. Their bits are kept as they are, also those of what is not a number. */
class Measurements {
  readonly values: Float32Array;
  readonly bits: Int32Array;
  /** 1 where there is a value. */
  readonly present: Uint8Array;
  nulls = 0;

  constructor(capacity: number) {
    this.values = new Float32Array(capacity);
    this.bits = new Int32Array(this.values.buffer);
    this.present = new Uint8Array(capacity).fill(1);
  }
}

/** Byte strings that come again and again, by the place at which each came first. */
class Places {
  readonly indexes: Uint32Array;
  readonly distinct: Uint8Array[] = [];
  /** Place + 1 by hash; 0 where there is none. */
  private table = new Int32Array(1024);

  constructor(capacity: number) {
    this.indexes = new Uint32Array(capacity);
  }

  /** Takes `length` bytes. */
  set(row: number, bytes: Uint8Array, at: number, length: number): void {
    const { indexes, distinct } = this;
    // most are like the one before
    if (row > 0 && same(distinct[indexes[row - 1]], bytes, at, length)) {
      indexes[row] = indexes[row - 1];
      return;
    }
    if (2 * distinct.length >= this.table.length) this.grow();
    const mask = this.table.length - 1;
    let slot = hash(bytes, at, length) & mask;
    for (;;) {
      const place = this.table[slot] - 1;
      if (place === -1) {
        indexes[row] = distinct.length;
        distinct.push(bytes.slice(at, at + length));
        this.table[slot] = distinct.length;
        return;
      }
      if (same(distinct[place], bytes, at, length)) {
        indexes[row] = place;
        return;
      }
      slot = (slot + 1) & mask;
    }
  }

  clear(): void {
    this.distinct.length = 0;
    this.table.fill(0);
  }

  private grow(): void {
    this.table = new Int32Array(2 * this.table.length);
    const mask = this.table.length - 1;
    this.distinct.forEach((value, place) => {
      let slot = hash(value, 0, value.length) & mask;
      while (this.table[slot] !== 0) slot = (slot + 1) & mask;
      this.table[slot] = place + 1;
    });
  }
}

function same(value: Uint8Array, bytes: Uint8Array, at: number, length: number): boolean {
  if (value.length !== length) return false;
  // from the end: names and identifiers differ there first
  for (let i = length - 1; i >= 0; i--) if (value[i] !== bytes[at + i]) return false;
  return true;
}

/** FNV-1a. */
function hash(bytes: Uint8Array, at: number, length: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < length; i++) hash = Math.imul(hash ^ bytes[at + i], 0x01000193);
  return hash ^ hash >>> 15;
}

/** A row group that is being filled. */
export class ReadingGroup {
  /** Rows so far. */
  length = 0;
  readonly engines: Places;
  readonly cycles: Int32Array;
  readonly timestamps: Timestamps;
  readonly measurements: readonly Measurements[];
  readonly batches: Places;
  readonly created: Timestamps;

  constructor(readonly capacity: number) {
    this.engines = new Places(capacity);
    this.cycles = new Int32Array(capacity);
    this.timestamps = new Timestamps(capacity);
    this.measurements = VALUE_COLUMNS.map(() => new Measurements(capacity));
    this.batches = new Places(capacity);
    this.created = new Timestamps(capacity);
  }

  /** Its values in the order of {@link ARCHIVE_COLUMNS}; they are views, good until {@link clear}. */
  values(): ParquetValues[] {
    const { length } = this;
    return [
      new IndexedValues(this.engines.distinct, this.engines.indexes.subarray(0, length)),
      new NumberValues(this.cycles.subarray(0, length)),
      new NumberValues(this.timestamps.values.subarray(0, length)),
      ...this.measurements.map(({ values, present, nulls }) =>
        new NumberValues(values.subarray(0, length), nulls > 0 ? present.subarray(0, length) : undefined)
      ),
      new IndexedValues(this.batches.distinct, this.batches.indexes.subarray(0, length)),
      new NumberValues(this.created.values.subarray(0, length)),
    ];
  }

  /** How many rows of each batch there are, by the place of the batch in `batches.distinct`. */
  batchCounts(): Uint32Array {
    const counts = new Uint32Array(this.batches.distinct.length);
    for (let row = 0; row < this.length; row++) counts[this.batches.indexes[row]]++;
    return counts;
  }

  /** Makes it empty. */
  clear(): void {
    this.length = 0;
    this.engines.clear();
    this.batches.clear();
    for (const column of this.measurements) {
      if (column.nulls > 0) column.present.fill(1);
      column.nulls = 0;
    }
  }
}
