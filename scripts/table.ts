/** Tables for people: columns aligned, numbers to the right, as wide as the terminal at most. */

import { outputColumns, type Style, styled } from "./terminal.ts";

type Cell = string | number | null;

/** Spaces between two columns. */
const GAP = 2;

/** A column of text is not made narrower than this: less of it says nothing. */
const LEAST_WIDTH = 8;

function shown(cell: Cell): string {
  if (cell === null) return "–";
  return typeof cell === "number" ? cell.toLocaleString("en-US") : cell;
}

/** Columns of a text on the screen: code points, as nothing here is wider than one. */
function width(text: string): number {
  return [...text].length;
}

function fitted(text: string, columns: number): string {
  return width(text) <= columns ? text : `${[...text].slice(0, columns - 1).join("")}…`;
}

/** How a column of words is coloured: by word. */
export type Paint = Readonly<Record<string, Style>>;

/** Verdicts of checks and severities of alerts. */
export const VERDICT_PAINT: Paint = { pass: "green", warning: "yellow", warn: "yellow", fail: "red" };

export interface TableOptions {
  /** Columns that there are; those of the terminal unless given, and no limit in files and pipes. */
  readonly columns?: number;
  /** Words with a colour, by the name of their column. */
  readonly paint?: Readonly<Record<string, Paint>>;
}

/** Widths that fit into so many columns, the widest text giving way first; none when that leaves too little. */
function widthsWithin(natural: readonly number[], least: readonly number[], columns: number) {
  const widths = [...natural];
  let excess = widths.reduce((sum, each) => sum + each, GAP * (widths.length - 1)) - columns;
  while (excess > 0) {
    const widest = widths.reduce<number | undefined>(
      (best, each, i) => each > least[i] && (best === undefined || each > widths[best]) ? i : best,
      undefined,
    );
    if (widest === undefined) return undefined;
    widths[widest]--;
    excess--;
  }
  return widths;
}

/** Each row as a block of lines `name  value`. */
function vertical(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const left = Math.max(...header.map(width));
  return rows.map((row) => row.map((cell, i) => `${header[i].padEnd(left)}  ${cell}`.trimEnd()).join("\n"))
    .join("\n\n");
}

/**
 * A table as text, with a rule under its header. Where it is too wide, long texts end with …; where even that does not
 * do, each row becomes a block of lines.
 *
 * @example
 * ```ts
 * import { table } from "./table.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(table(["engine", "cycles"], [["ENGINE_001", 1192]]), "engine      cycles\n──────────  ──────\nENGINE_001   1,192");
 * ```
 */
export function table(
  header: readonly string[],
  rows: readonly (readonly Cell[])[],
  { columns = outputColumns() ?? Infinity, paint = {} }: TableOptions = {},
): string {
  const texts = rows.map((row) => row.map(shown));
  const natural = header.map((name, i) => Math.max(width(name), ...texts.map((row) => width(row[i]))));
  const isNumber = (i: number) => rows.length > 0 && rows.every((row) => typeof row[i] !== "string");
  // half a number is a wrong number, and half a name of a column is no name
  const least = header.map((name, i) =>
    isNumber(i) ? natural[i] : Math.min(natural[i], Math.max(LEAST_WIDTH, width(name)))
  );
  const widths = widthsWithin(natural, least, columns);
  if (widths === undefined) return vertical(header, texts);
  const aligned = (cells: readonly string[]) =>
    cells.map((cell, i) => {
      const text = fitted(cell, widths[i]);
      const padding = " ".repeat(widths[i] - width(text));
      return isNumber(i) ? padding + text : text + padding;
    });
  const painted = (row: readonly string[]) =>
    aligned(row).map((cell, i) => {
      const style = paint[header[i]]?.[row[i]];
      return style === undefined ? cell : styled(cell, style);
    });
  const line = (cells: readonly string[]) => cells.join(" ".repeat(GAP)).trimEnd();
  return [
    line(aligned(header)),
    widths.map((each) => "─".repeat(each)).join(" ".repeat(GAP)),
    ...texts.map((row) => line(painted(row))),
  ].join("\n");
}
