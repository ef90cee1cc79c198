/** Tables for people: columns aligned, numbers to the right. */

type Cell = string | number | null;

function shown(cell: Cell): string {
  if (cell === null) return "–";
  return typeof cell === "number" ? cell.toLocaleString("en-US") : cell;
}

/**
 * A table as text, with a rule under its header.
 *
 * @example
 * ```ts
 * import { table } from "./table.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(table(["engine", "cycles"], [["ENGINE_001", 1192]]), "engine      cycles\n──────────  ──────\nENGINE_001   1,192");
 * ```
 */
export function table(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const texts = rows.map((row) => row.map(shown));
  const widths = header.map((name, i) => Math.max(name.length, ...texts.map((row) => row[i].length)));
  const line = (cells: readonly string[], numeric: (i: number) => boolean) =>
    cells.map((cell, i) => numeric(i) ? cell.padStart(widths[i]) : cell.padEnd(widths[i])).join("  ")
      .trimEnd();
  const isNumber = (i: number) => rows.length > 0 && rows.every((row) => typeof row[i] !== "string");
  return [
    line(header, isNumber),
    widths.map((width) => "─".repeat(width)).join("  "),
    ...texts.map((row) => line(row, isNumber)),
  ].join("\n");
}
