/** Simulated readings into a new Parquet file, with the types of sensor_data. */

import { ParquetFile } from "../../shared/lake/parquet.ts";
import type { Reading } from "../../shared/reading.ts";
import { VALUE_COLUMNS } from "../../shared/sensors.ts";
import { createFile } from "./new_file.ts";
import { NotSentError, taken, type Target, type TargetCounts } from "./target.ts";
import { writeAll } from "../../shared/write_all.ts";

/** Rows of a row group: what is kept in memory, and what a reader that wants only some has to read. */
const GROUP_ROWS = 100_000;

/** Writes readings; the file can be read when it is closed, as Parquet's index is at its end. */
export class ParquetTarget implements Target {
  private readonly parquet: ParquetFile;
  private rows: Reading[] = [];
  /** Rows in the file. */
  private count = 0;

  private constructor(readonly name: string, private readonly file: Deno.FsFile) {
    this.parquet = new ParquetFile([
      { name: "engine_id", type: "text" },
      { name: "cycle", type: "int32" },
      { name: "timestamp", type: "timestamp" },
      ...VALUE_COLUMNS.map((name) => ({ name, type: "float32", nullable: true } as const)),
    ], (bytes) => this.append(bytes));
  }

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
    await this.parquet.finish();
    this.file.close();
  }

  private async writeGroup(): Promise<void> {
    const { rows } = this;
    this.rows = [];
    await this.parquet.writeGroup([
      rows.map((row) => row.engine_id),
      rows.map((row) => row.cycle),
      rows.map((row) => new Date(row.timestamp)),
      ...VALUE_COLUMNS.map((name) => rows.map((row) => row[name])),
    ]);
    this.count += rows.length;
  }

  private async append(bytes: Uint8Array): Promise<void> {
    try {
      await writeAll(this.file, bytes);
    } catch (error) {
      throw new NotSentError(`Cannot write ${this.name}: ${(error as Error).message}`, { cause: error });
    }
  }
}
