/** Readings written as CSV, as different tools write it. */

import type { Reading } from "../../shared/reading.ts";
import { VALUE_COLUMNS } from "../../shared/sensors.ts";

/** The columns of a reading in the order of the documentation. */
export const COLUMNS = ["engine_id", "cycle", "timestamp", ...VALUE_COLUMNS] as const;

/** How to write it; comma, line feed and nothing quoted unless told otherwise. */
export interface Dialect {
  readonly columns?: readonly string[];
  readonly newline?: string;
  /** Every cell in quotes, as csv.QUOTE_ALL and spreadsheets do. */
  readonly quoted?: boolean;
  /** Text of one cell; null and missing members are empty unless told otherwise. */
  readonly cell?: (value: unknown, column: string) => string;
}

/** Writes a header line and one line a reading, each ended by a newline. */
export function csv(rows: readonly (Reading & Record<string, unknown>)[], dialect: Dialect = {}): string {
  const { columns = COLUMNS, newline = "\n", quoted = false, cell = (value) => String(value ?? "") } =
    dialect;
  const line = (cells: string[]) =>
    cells.map((text) => quoted ? `"${text.replaceAll('"', '""')}"` : text).join(",") + newline;
  return line([...columns]) +
    rows.map((row) => line(columns.map((column) => cell(row[column as keyof Reading], column)))).join("");
}
