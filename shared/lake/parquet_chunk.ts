/** Encoding one column of a row group: dictionary or plain, Snappy, statistics. */

import type { ColumnChunk, Encoding, SchemaElement } from "hyparquet";
import type { ByteWriter } from "hyparquet-writer";
import { writePageHeader } from "hyparquet-writer/src/datapage.js";
import { bitsFor, packedBound, packIndexes } from "./parquet_indexes.ts";
import { IndexedValues, type NumberValues, type PackedValues } from "./parquet_values.ts";
import { Snappy } from "./snappy.ts";

/** Smallest and largest value, as hyparquet-writer takes them; none where they would mislead. */
interface Bounds {
  readonly min_value?: number | bigint | Uint8Array;
  readonly max_value?: number | bigint | Uint8Array;
}

/** What the pages of a chunk hold. */
interface Content {
  /** Distinct values as Parquet's plain encoding has them; undefined where the values themselves are written. */
  readonly dictionary?: { readonly bytes: Uint8Array; readonly count: number };
  /** Places in the dictionary, or the values in plain encoding. */
  readonly page: Uint8Array;
  readonly bounds: Bounds;
}

/** A dictionary must save this share of what the values take as they are, as reading it takes a step more. */
const WORTHWHILE = 0.9;

/** Encodes chunks one after another; its working memory is kept between them. */
export class ChunkEncoder {
  private readonly snappy = new Snappy();
  private table = new Int32Array(0);
  private indexes = new Uint32Array(0);
  private bytes = new Uint8Array(0);

  /** Encodes a chunk; its bytes go to `writer`. */
  encode(writer: ByteWriter, element: SchemaElement, values: PackedValues): ColumnChunk {
    const rows = values.length;
    const present = values.present;
    let count = rows;
    if (present) {
      count = 0;
      for (let row = 0; row < rows; row++) count += present[row];
    }
    const content = values instanceof IndexedValues
      ? this.ofIndexes(element, values, count)
      : this.ofNumbers(values, count);
    const levels = element.repetition_type === "OPTIONAL"
      ? this.levels(present, rows, count)
      : new Uint8Array(0);

    const start = writer.offset;
    let uncompressed = 0n;
    const page = (header: Parameters<typeof writePageHeader>[1], parts: readonly Uint8Array[]) => {
      const before = writer.offset;
      writePageHeader(writer, header);
      uncompressed += BigInt(writer.offset - before + header.uncompressed_page_size);
      for (const part of parts) writer.appendBytes(part);
    };
    const { dictionary } = content;
    if (dictionary) {
      const compressed = this.snappy.compress(dictionary.bytes);
      page({
        type: "DICTIONARY_PAGE",
        uncompressed_page_size: dictionary.bytes.length,
        compressed_page_size: compressed.length,
        dictionary_page_header: { num_values: dictionary.count, encoding: "PLAIN" },
      }, [compressed]);
    }
    const encoding: Encoding = dictionary ? "RLE_DICTIONARY" : "PLAIN";
    const dataStart = writer.offset;
    const compressed = this.snappy.compress(content.page);
    page({
      type: "DATA_PAGE_V2",
      uncompressed_page_size: levels.length + content.page.length,
      compressed_page_size: levels.length + compressed.length,
      data_page_header_v2: {
        num_values: rows,
        num_nulls: rows - count,
        num_rows: rows,
        encoding,
        definition_levels_byte_length: levels.length,
        repetition_levels_byte_length: 0,
        is_compressed: true,
      },
    }, [levels, compressed]);

    return {
      file_offset: 0n, // deprecated, and 0 by the specification
      meta_data: {
        type: element.type!,
        encodings: dictionary ? ["PLAIN", "RLE", encoding] : ["RLE", encoding],
        path_in_schema: [element.name],
        codec: "SNAPPY",
        num_values: BigInt(rows),
        total_uncompressed_size: uncompressed,
        total_compressed_size: BigInt(writer.offset - start),
        data_page_offset: BigInt(dataStart),
        dictionary_page_offset: dictionary ? BigInt(start) : undefined,
        statistics: { null_count: BigInt(rows - count), ...content.bounds },
        encoding_stats: [
          ...(dictionary
            ? [{ page_type: "DICTIONARY_PAGE" as const, encoding: "PLAIN" as const, count: 1 }]
            : []),
          { page_type: "DATA_PAGE_V2", encoding, count: 1 },
        ],
      },
    };
  }

  /** Texts and uuids. */
  private ofIndexes(element: SchemaElement, values: IndexedValues, count: number): Content {
    const { distinct } = values;
    const prefix = element.type === "BYTE_ARRAY" ? 4 : 0;
    const plain = (many: Iterable<Uint8Array>, length: number) => {
      const bytes = new Uint8Array(length);
      const view = new DataView(bytes.buffer);
      let at = 0;
      for (const value of many) {
        if (prefix) view.setUint32(at, value.length, true);
        bytes.set(value, at + prefix);
        at += prefix + value.length;
      }
      return bytes;
    };
    let distinctBytes = 0;
    for (const value of distinct) distinctBytes += prefix + value.length;
    const indexes = this.dense(values.indexes, values.present, count);
    let plainBytes = 0;
    for (let i = 0; i < count; i++) plainBytes += prefix + distinct[indexes[i]].length;

    const bounds = byteBounds(distinct);
    const page = this.indexPage(indexes, count, distinct.length);
    if (distinctBytes + page.length < plainBytes * WORTHWHILE) {
      return { dictionary: { bytes: plain(distinct, distinctBytes), count: distinct.length }, page, bounds };
    }
    const all = function* () {
      for (let i = 0; i < count; i++) yield distinct[indexes[i]];
    };
    return { page: plain(all(), plainBytes), bounds };
  }

  private ofNumbers(values: NumberValues, count: number): Content {
    const dense = this.dense(values.values, values.present, count);
    const width = dense.BYTES_PER_ELEMENT;
    const words = new Int32Array(dense.buffer, dense.byteOffset, count * width / 4);
    const plain = new Uint8Array(dense.buffer, dense.byteOffset, count * width);
    // with more distinct values than this, a dictionary cannot be worthwhile
    const most = Math.floor(count / 3);
    const table = this.emptyTable(most);
    this.indexes = room(this.indexes, count, Uint32Array);
    const places = new Int32Array(most * width / 4);
    const distinct = width === 4
      ? indexWords(words, table, places, this.indexes)
      : indexPairs(words, table, places, this.indexes);
    if (distinct !== undefined) {
      const bytes = new Uint8Array(places.buffer, 0, distinct * width);
      const page = this.indexPage(this.indexes, count, distinct);
      if (bytes.length + page.length < plain.length * WORTHWHILE) {
        return {
          dictionary: { bytes, count: distinct },
          page,
          bounds: numberBounds(sameType(dense, places.buffer, distinct)),
        };
      }
    }
    return { page: plain, bounds: numberBounds(dense) };
  }

  /** Width of the places, then the places. */
  private indexPage(indexes: Uint32Array, count: number, distinct: number): Uint8Array {
    const bits = bitsFor(distinct);
    this.bytes = room(this.bytes, packedBound(count, bits) + 1, Uint8Array);
    this.bytes[0] = bits;
    return this.bytes.subarray(0, packIndexes(indexes, count, bits, this.bytes, 1));
  }

  /** Which rows have a value: 1 where they do. */
  private levels(present: Uint8Array | undefined, rows: number, count: number): Uint8Array {
    const all = count === rows || present === undefined;
    const ones = all ? new Uint8Array(rows).fill(1) : present;
    const bytes = new Uint8Array(packedBound(rows, 1));
    return bytes.subarray(0, packIndexes(ones, rows, 1, bytes, 0));
  }

  /** The values that are there, one after the other. */
  private dense<Values extends Uint32Array | NumberValues["values"]>(
    values: Values,
    present: Uint8Array | undefined,
    count: number,
  ): Values {
    if (present === undefined || count === values.length) return values;
    const dense = values.slice(0, count) as Values;
    for (let row = 0, at = 0; at < count; row++) {
      if (present[row]) dense[at++] = values[row];
    }
    return dense;
  }

  /** A hash table with no entry, at most half of which `most` entries fill. */
  private emptyTable(most: number): Int32Array {
    const size = 1 << bitsFor(Math.max(2, 2 * most));
    if (this.table.length !== size) this.table = new Int32Array(size);
    else this.table.fill(0);
    return this.table;
  }
}

/** The array, or a larger one where it is too small. */
function room<Values extends Uint32Array | Uint8Array>(
  array: Values,
  length: number,
  make: new (length: number) => Values,
): Values {
  return array.length >= length ? array : new make(length);
}

/** An array of the same type as another one, over other bytes. */
function sameType(like: NumberValues["values"], buffer: ArrayBuffer, length: number): NumberValues["values"] {
  if (like instanceof Int32Array) return new Int32Array(buffer, 0, length);
  if (like instanceof Float32Array) return new Float32Array(buffer, 0, length);
  if (like instanceof Float64Array) return new Float64Array(buffer, 0, length);
  return new BigInt64Array(buffer, 0, length);
}

/**
 * Places of values of 4 bytes among the distinct ones.
 *
 * @param table Empty; its length is a power of two.
 * @param distinct Takes the distinct values; its length is how many may be.
 * @returns How many there are; undefined when there are more than may be.
 */
function indexWords(
  words: Int32Array,
  table: Int32Array,
  distinct: Int32Array,
  indexes: Uint32Array,
): number | undefined {
  const mask = table.length - 1;
  const shift = Math.clz32(mask);
  let count = 0;
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    let slot = Math.imul(word, 0x9e3779b1) >>> shift;
    for (;;) {
      const place = table[slot];
      if (place === 0) {
        if (count === distinct.length) return undefined;
        distinct[count] = word;
        indexes[i] = count;
        table[slot] = ++count;
        break;
      }
      if (distinct[place - 1] === word) {
        indexes[i] = place - 1;
        break;
      }
      slot = (slot + 1) & mask;
    }
  }
  return count;
}

/** As {@link indexWords}, of values of 8 bytes. */
function indexPairs(
  words: Int32Array,
  table: Int32Array,
  distinct: Int32Array,
  indexes: Uint32Array,
): number | undefined {
  const mask = table.length - 1;
  const shift = Math.clz32(mask);
  let count = 0;
  for (let i = 0; i < words.length; i += 2) {
    const low = words[i];
    const high = words[i + 1];
    let slot = Math.imul(low ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1) >>> shift;
    for (;;) {
      const place = table[slot];
      if (place === 0) {
        if (2 * count === distinct.length) return undefined;
        distinct[2 * count] = low;
        distinct[2 * count + 1] = high;
        indexes[i / 2] = count;
        table[slot] = ++count;
        break;
      }
      if (distinct[2 * place - 2] === low && distinct[2 * place - 1] === high) {
        indexes[i / 2] = place - 1;
        break;
      }
      slot = (slot + 1) & mask;
    }
  }
  return count;
}

/**
 * Smallest and largest number. None where one is not a number: readers order that one differently, and would leave
 * out groups that have what they look for.
 */
function numberBounds(values: NumberValues["values"]): Bounds {
  if (values.length === 0) return {};
  if (values instanceof BigInt64Array) return timestampBounds(values);
  let min = values[0];
  let max = values[0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value !== value) return {};
    if (value < min) min = value;
    if (value > max) max = value;
  }
  // as the format asks: a reader may take 0 and -0 for different
  if (!(values instanceof Int32Array)) {
    if (min === 0) min = -0;
    if (max === 0) max = 0;
  }
  return { min_value: min, max_value: max };
}

/** As {@link numberBounds}, by halves of 32 bits: comparing bigints takes fifteen times as long. */
function timestampBounds(values: BigInt64Array): Bounds {
  const lows = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
  const highs = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  let min = 0;
  let max = 0;
  for (let i = 2; i < lows.length; i += 2) {
    const high = highs[i + 1];
    const low = lows[i];
    if (high < highs[min + 1] || (high === highs[min + 1] && low < lows[min])) min = i;
    if (high > highs[max + 1] || (high === highs[max + 1] && low > lows[max])) max = i;
  }
  return { min_value: values[min / 2], max_value: values[max / 2] };
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return a[i] - b[i];
  return a.length - b.length;
}

/** Smallest and largest of byte strings, in the order of their bytes, as Parquet compares texts and uuids. */
function byteBounds(values: readonly Uint8Array[]): Bounds {
  if (values.length === 0) return {};
  let [min] = values;
  let [max] = values;
  for (const value of values) {
    if (compareBytes(value, min) < 0) min = value;
    if (compareBytes(value, max) > 0) max = value;
  }
  return { min_value: min, max_value: max };
}
