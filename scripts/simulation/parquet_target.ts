/** Simulated readings into a new Parquet file, with the types of sensor_data. */

import type { SchemaElement } from "hyparquet";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import type { Reading } from "../../shared/reading.ts";
import { VALUE_COLUMNS } from "../../shared/sensors.ts";
import { createFile } from "./new_file.ts";
import { NotSentError, taken, type Target, type TargetCounts } from "./target.ts";
import { writeAll } from "./write_all.ts";

/** Rows of a row group: what is kept in memory, and what a reader that wants only some has to read. */
const GROUP_ROWS = 100_000;

const SCHEMA: SchemaElement[] = [
  { name: "readings", num_children: 3 + VALUE_COLUMNS.length },
  {
    name: "engine_id",
    type: "BYTE_ARRAY",
    converted_type: "UTF8",
    logical_type: { type: "STRING" },
    repetition_type: "REQUIRED",
  },
  { name: "cycle", type: "INT32", repetition_type: "REQUIRED" },
  {
    name: "timestamp",
    type: "INT64",
    converted_type: "TIMESTAMP_MILLIS",
    logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "MILLIS" },
    repetition_type: "REQUIRED",
  },
  ...VALUE_COLUMNS.map((name): SchemaElement => ({ name, type: "FLOAT", repetition_type: "OPTIONAL" })),
];

/** Writes readings; the file can be read when it is closed, as Parquet's index is at its end. */
export class ParquetTarget implements Target {
  private readonly buffer = new ByteWriter();
  private readonly writer = new ParquetWriter({ writer: this.buffer, schema: SCHEMA, createdBy: "spool" });
  private rows: Reading[] = [];
  /** Rows in the file. */
  private count = 0;

  private constructor(readonly name: string, private readonly file: Deno.FsFile) {}

  /** @throws {CommandError} When the file exists, or cannot be made. */
  static async create(path: string): Promise<ParquetTarget> {
    return new ParquetTarget(path, await createFile(path));
  }

  async send(readings: readonly Reading[]): Promise<void> {
    for (const reading of readings) this.rows.push(reading);
    if (this.rows.length >= GROUP_ROWS) await this.writeGroup();
  }

  counts(): TargetCounts {
    return taken(this.count);
  }

  async close(): Promise<void> {
    if (this.rows.length > 0) await this.writeGroup();
    this.writer.finish();
    await this.drain();
    this.file.close();
  }

  private async writeGroup(): Promise<void> {
    const { rows } = this;
    this.rows = [];
    this.writer.write({
      columnData: [
        { name: "engine_id", data: rows.map((row) => row.engine_id) },
        { name: "cycle", data: rows.map((row) => row.cycle) },
        { name: "timestamp", data: rows.map((row) => new Date(row.timestamp)) },
        ...VALUE_COLUMNS.map((name) => ({ name, data: rows.map((row) => row[name]) })),
      ],
      rowGroupSize: rows.length,
    });
    await this.drain();
    this.count += rows.length;
  }

  /** Moves what has been encoded into the file. */
  private async drain(): Promise<void> {
    const bytes = this.buffer.getBytes();
    try {
      await writeAll(this.file, bytes);
    } catch (error) {
      throw new NotSentError(`Cannot write ${this.name}: ${(error as Error).message}`, { cause: error });
    }
    this.buffer.index = 0; // its offset goes on: places in the file are counted by it
  }
}
