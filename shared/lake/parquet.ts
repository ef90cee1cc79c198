/** Writing Parquet: column by column, group by group, in bounded memory. */

import type { SchemaElement } from "hyparquet";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";

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
} satisfies Record<string, Partial<SchemaElement>>;

/** Values of one column; typed arrays where no value is null. */
export type ParquetValues = ArrayLike<unknown> & Iterable<unknown>;

/** Writes one file: groups of rows, then the index at its end. */
export class ParquetFile {
  private readonly buffer = new ByteWriter();
  private readonly writer: ParquetWriter;

  /**
   * @param sink Where the bytes go; they may not be kept after it has resolved.
   * @param metadata Key-value pairs of the file's footer.
   */
  constructor(
    private readonly columns: readonly ParquetColumn[],
    private readonly sink: (bytes: Uint8Array) => Promise<void>,
    metadata: Readonly<Record<string, string>> = {},
  ) {
    const schema: SchemaElement[] = [
      { name: "schema", num_children: columns.length },
      ...columns.map(({ name, type, nullable }): SchemaElement => ({
        name,
        ...TYPES[type],
        repetition_type: nullable ? "OPTIONAL" : "REQUIRED",
      })),
    ];
    this.writer = new ParquetWriter({
      writer: this.buffer,
      schema,
      createdBy: "spool",
      kvMetadata: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    });
  }

  /** Writes a group of rows: the values of each column, in the order of the columns, all of the same length. */
  async writeGroup(values: readonly ParquetValues[]): Promise<void> {
    this.writer.write({
      // deno-lint-ignore no-explicit-any -- what hyparquet-writer calls DecodedArray is not exported
      columnData: this.columns.map(({ name }, i) => ({ name, data: values[i] as any })),
      rowGroupSize: values[0].length,
    });
    await this.drain();
  }

  /** Writes the index; the file is whole then. */
  async finish(): Promise<void> {
    this.writer.finish();
    await this.drain();
  }

  private async drain(): Promise<void> {
    await this.sink(this.buffer.getBytes());
    this.buffer.index = 0; // its offset goes on: places in the file are counted by it
  }
}
