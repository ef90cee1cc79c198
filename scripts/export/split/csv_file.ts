/** Writing CSV as RFC 4180 has it, with line feeds, group of rows by group of rows. */

import type { ParquetColumn } from "../../../shared/lake/parquet.ts";

const encoder = new TextEncoder();

/** Microseconds since 1970 as text, in UTC; with as many decimals as the second has. */
function timestampText(microseconds: bigint): string {
  const rest = microseconds % 1_000_000n;
  const second = rest < 0n ? microseconds - rest - 1_000_000n : microseconds - rest;
  const text = new Date(Number(second / 1000n)).toISOString().slice(0, 19);
  const fraction = String(microseconds - second).padStart(6, "0").replace(/0+$/, "");
  return `${text}${fraction && `.${fraction}`}Z`;
}

/** A cell. Unit numbers cannot begin a formula of a spreadsheet: the table engines has letters and digits there only. */
function cell(value: unknown): string {
  if (value === null) return "";
  if (typeof value === "bigint") return timestampText(value);
  const text = Object.is(value, -0) ? "-0" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Writes one file; used as `ParquetFile` is. Nulls are empty cells, numbers the shortest text that is the same one. */
export class CsvFile {
  private begun = false;

  constructor(
    private readonly columns: readonly ParquetColumn[],
    private readonly sink: (bytes: Uint8Array) => Promise<void>,
  ) {}

  /** Writes a group of rows: the values of each column, timestamps in microseconds as bigint. */
  async writeGroup(values: readonly (readonly unknown[])[]): Promise<void> {
    const lines: string[] = [];
    if (!this.begun) lines.push(this.header());
    for (let row = 0; row < values[0].length; row++) {
      lines.push(values.map((column) => cell(column[row])).join(","));
    }
    await this.write(lines);
  }

  /** Ends the file. */
  async finish(): Promise<void> {
    if (!this.begun) await this.write([this.header()]);
  }

  private header(): string {
    return this.columns.map(({ name }) => cell(name)).join(",");
  }

  private async write(lines: readonly string[]): Promise<void> {
    this.begun = true;
    await this.sink(encoder.encode(lines.map((line) => `${line}\n`).join("")));
  }
}
