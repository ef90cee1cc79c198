/**
 * Writing Parquet: column by column, group by group, in bounded memory.
 *
 * hyparquet-writer writes the headers and the footer. The pages are written here, from packed values: value by value,
 * as it takes any type of JavaScript, it needs several times as long (docs/decisions/0013-archive.md).
 */

import type { RowGroup, SchemaElement } from "hyparquet";
import { ByteWriter } from "hyparquet-writer";
import { writeMetadata } from "hyparquet-writer/src/metadata.js";
import { ChunkEncoder } from "./parquet_chunk.ts";
import {
  IndexedValues,
  NumberValues,
  type PackedValues,
  PACKERS,
  type PlainValues,
} from "./parquet_values.ts";

export { IndexedValues, NumberValues };

/** A column. */
export interface ParquetColumn {
  readonly name: string;
  readonly type: keyof typeof TYPES;
  /** Whether its values may be null. */
  readonly nullable?: boolean;
}

/** The types that Spool's tables need. Values: strings, numbers, Dates for timestamps, text for uuids. */
const TYPES = {
  text: { type: "BYTE_ARRAY", converted_type: "UTF8", logical_type: { type: "STRING" } },
  uuid: { type: "FIXED_LEN_BYTE_ARRAY", type_length: 16, logical_type: { type: "UUID" } },
  int32: { type: "INT32" },
  float32: { type: "FLOAT" },
  float64: { type: "DOUBLE" },
  timestamp: {
    type: "INT64",
    converted_type: "TIMESTAMP_MICROS",
    logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "MICROS" },
  },
} satisfies Record<keyof typeof PACKERS, Partial<SchemaElement>>;

/** Values of one column; packed ones are written several times as fast. */
export type ParquetValues = PlainValues | PackedValues;

/** Bytes of the smallest and the largest text in the statistics; longer ones are cut to a bound. */
const BOUND_BYTES = 64;

/** "PAR1", at the beginning and the end of each file. */
const MAGIC = 0x31524150;

/** Writes one file: groups of rows, then the index at its end. */
export class ParquetFile {
  private readonly buffer = new ByteWriter();
  private readonly encoder = new ChunkEncoder();
  private readonly schema: SchemaElement[];
  private readonly groups: RowGroup[] = [];
  private rows = 0n;

  /**
   * @param sink Where the bytes go; they may not be kept after it has resolved.
   * @param metadata Key-value pairs of the file's footer.
   * @param sortedBy Columns that the rows are sorted by, ascending.
   */
  constructor(
    private readonly columns: readonly ParquetColumn[],
    private readonly sink: (bytes: Uint8Array) => Promise<void>,
    private readonly metadata: Readonly<Record<string, string>> = {},
    private readonly sortedBy: readonly string[] = [],
  ) {
    this.schema = [
      { name: "schema", num_children: columns.length },
      ...columns.map(({ name, type, nullable }): SchemaElement => ({
        name,
        ...TYPES[type],
        repetition_type: nullable ? "OPTIONAL" : "REQUIRED",
      })),
    ];
    this.buffer.appendUint32(MAGIC);
  }

  /**
   * Writes a group of rows: the values of each column, in the order of the columns, all of the same length. About
   * 100,000 rows are a good size: what is kept in memory, and what a reader that wants only some has to read.
   *
   * @throws {TypeError} A value is not of its column's type.
   */
  async writeGroup(values: readonly ParquetValues[]): Promise<void> {
    const packed = this.columns.map((column, i) => pack(column, values[i]));
    const rows = packed[0].length;
    if (rows === 0) return;
    const odd = packed.findIndex(({ length }) => length !== rows);
    if (odd !== -1) {
      throw new TypeError(
        `Cannot write column ${this.columns[odd].name} as it must have ${rows} values: current value is ${
          packed[odd].length
        }`,
      );
    }
    const start = this.buffer.offset;
    const columns = packed.map((values, i) => this.encoder.encode(this.buffer, this.schema[i + 1], values));
    this.groups.push({
      columns,
      num_rows: BigInt(rows),
      total_byte_size: columns.reduce((sum, { meta_data }) => sum + meta_data!.total_uncompressed_size, 0n),
      total_compressed_size: BigInt(this.buffer.offset - start),
      sorting_columns: this.sortedBy.map((name) => ({
        column_idx: this.columns.findIndex((column) => column.name === name),
        descending: false,
        nulls_first: false,
      })),
    });
    this.rows += BigInt(rows);
    await this.drain();
  }

  /**
   * Writes the index; the file is whole then.
   *
   * @param metadata Pairs of the footer that are known only now.
   */
  async finish(metadata: Readonly<Record<string, string>> = {}): Promise<void> {
    writeMetadata(this.buffer, {
      version: 2,
      created_by: "spool",
      schema: this.schema,
      num_rows: this.rows,
      row_groups: this.groups,
      key_value_metadata: Object.entries({ ...this.metadata, ...metadata }).map(([key, value]) => ({
        key,
        value,
      })),
      metadata_length: 0, // of a file that was read; not written
    }, BOUND_BYTES);
    this.buffer.appendUint32(MAGIC);
    await this.drain();
  }

  private async drain(): Promise<void> {
    await this.sink(this.buffer.getBytes());
    this.buffer.index = 0; // its offset goes on: places in the file are counted by it
  }
}

function pack({ name, type, nullable }: ParquetColumn, values: ParquetValues): PackedValues {
  const packed = values instanceof NumberValues || values instanceof IndexedValues
    ? values
    : PACKERS[type](name, values);
  if (!nullable && packed.present?.includes(0)) {
    throw new TypeError(`Cannot write column ${name} as its values must not be null: current value is null`);
  }
  return packed;
}
