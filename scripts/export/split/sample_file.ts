/** One of the files of a split, while it is made. */

import type { Lake, LakeWriter, WrittenObject } from "../../../shared/lake/lake.ts";
import { ParquetFile } from "../../../shared/lake/parquet.ts";
import type { SampleColumn } from "./columns.ts";
import { CsvFile } from "./csv_file.ts";
import type { Sample } from "./samples.ts";

/**
 * Cells of a group of rows: what is kept in memory. Of Parquet 25,000 rows of single readings, 1,000 of windows of 30, as
 * each group adds to the index; CSV has none.
 */
const GROUP_CELLS = { parquet: 500_000, csv: 100_000 } as const;

/** Writes samples under a key. Nothing is visible before {@link commit}. */
export class SampleFile {
  private readonly table: ParquetFile | CsvFile;
  private readonly groupRows: number;
  private group: unknown[][];
  private count = 0;
  private readonly batches = new Map<string, number>();

  private constructor(
    readonly name: string,
    readonly columns: readonly SampleColumn[],
    private readonly writer: LakeWriter,
    format: "parquet" | "csv",
  ) {
    const sink = (bytes: Uint8Array) => writer.write(bytes);
    this.table = format === "parquet"
      ? new ParquetFile(columns, sink, {}, ["engine_id"])
      : new CsvFile(columns, sink);
    this.groupRows = Math.ceil(GROUP_CELLS[format] / columns.length);
    this.group = columns.map(() => []);
  }

  /**
   * Begins a file.
   *
   * @param name Without its folder: `X_train.parquet`.
   */
  static async create(
    lake: Lake,
    folder: string,
    name: string,
    columns: readonly SampleColumn[],
    format: "parquet" | "csv",
  ): Promise<SampleFile> {
    return new SampleFile(name, columns, await lake.create(folder + name), format);
  }

  get rows(): number {
    return this.count;
  }

  /** How many of the readings of each batch are in it. */
  get batchCounts(): { readonly batchId: string; readonly rowCount: number }[] {
    return [...this.batches].map(([batchId, rowCount]) => ({ batchId, rowCount }))
      .sort((a, b) => a.batchId < b.batchId ? -1 : 1);
  }

  /**
   * Takes a row.
   *
   * @param readings How many readings at the end of its window have not been counted for a row before.
   */
  async add(sample: Sample, readings: number): Promise<void> {
    for (const [i, column] of this.columns.entries()) this.group[i].push(column.value(sample));
    for (const { batchId } of sample.window.slice(sample.window.length - readings)) {
      this.batches.set(batchId, (this.batches.get(batchId) ?? 0) + 1);
    }
    this.count++;
    if (this.group[0].length === this.groupRows) await this.writeGroup();
  }

  /** Writes the rest: all of it is in the lake then, but not visible. */
  async finish(): Promise<void> {
    if (this.group[0].length > 0) await this.writeGroup();
    await this.table.finish();
  }

  commit(): Promise<WrittenObject> {
    return this.writer.commit();
  }

  abort(): Promise<void> {
    return this.writer.abort();
  }

  private async writeGroup(): Promise<void> {
    const { group } = this;
    this.group = this.columns.map(() => []);
    await this.table.writeGroup(group);
  }
}
