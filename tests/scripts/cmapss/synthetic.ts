/** C-MAPSS files made up for tests: the text NASA would write, for any set. */

import { VALUE_COLUMNS } from "../../../shared/sensors.ts";

/** A row of FD001, as NASA writes it. */
const SEA_LEVEL =
  "1 1 0.0023 -0.0003 100 518.67 642.1 1587.5 1403.2 14.62 21.61 553.9 2388.04 9050.17 1.3 47.2 521.72 2388.03 " +
  "8125.55 8.4052 0.03 392 2388 100 38.86 23.3735";

/** The 26 numbers of a row at sea level, as FD001 has them, some a little different in each cycle. */
export function seaLevelRow(unit: number, cycle: number): number[] {
  const row = SEA_LEVEL.split(" ").map(Number);
  row[0] = unit;
  row[1] = cycle;
  row[6] = (64210 + cycle % 400) / 100;
  row[7] = (158750 + cycle % 400) / 100;
  return row;
}

/** The six conditions of FD002 and FD004: settings 1 to 3 and the kept sensors, as the published files have them. */
const CONDITIONS = `
0.001 0.0002 100 642.6 1589 1408 553.4 2388.1 9062 47.5 521.4 2388.1 8132 8.44 393 38.8 23.3
10.003 0.25 100 604.6 1502 1308 394.3 2318.9 8773 45.4 371.5 2388.1 8129 8.65 369 28.6 17.2
20.002 0.7 100 607.5 1487 1257 334.6 2323.9 8721 44.4 315.2 2388.1 8068 9.23 366 24.5 14.7
25.004 0.62 60 536.8 1262 1050 175.4 1915.4 8011 36.8 164.8 2028.3 7874 10.9 307 14.3 8.6
35.003 0.84 100 555.7 1365 1130 194.5 2223 8350 42 183 2388 8073 9.33 334 14.9 8.9
42.001 0.84 100 549.7 1353 1125 138.5 2212 8320 42.2 130.6 2387.9 8091 9.37 331 10.7 6.4
`.trim().split("\n").map((line) => line.split(" ").map(Number));

/** The 26 numbers of a row of a set that flies six operating conditions, one after another. */
export function sixConditionsRow(unit: number, cycle: number): number[] {
  const values = CONDITIONS[(unit + cycle) % CONDITIONS.length];
  const row = seaLevelRow(unit, cycle);
  for (const [i, column] of VALUE_COLUMNS.entries()) {
    row[i < 3 ? i + 2 : 4 + Number(column.slice(1))] = values[i];
  }
  return row;
}

/** A row as NASA writes it: separated by single spaces, two at the end. */
export function formatLine(row: readonly number[]): string {
  return `${row.join(" ")}  `;
}

/**
 * The lines of a file, without their ends.
 *
 * @param lives Last cycle of unit 1, 2, ….
 */
export function lines(
  lives: readonly number[],
  row: (unit: number, cycle: number) => number[] = seaLevelRow,
): string[] {
  return lives.flatMap((life, i) => Array.from({ length: life }, (_, c) => formatLine(row(i + 1, c + 1))));
}

/** Lines as the text of a file. */
export function text(fileLines: readonly string[]): string {
  return fileLines.map((line) => `${line}\n`).join("");
}

/** A folder with files in it, removed when it is disposed of. */
export async function folderWith(
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await Deno.makeTempDir({ prefix: "spool-cmapss-" });
  for (const [name, content] of Object.entries(files)) {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    await Deno.writeFile(`${path}/${name}`, bytes);
  }
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

/** Replaces single lines; the keys count from 1. */
export function withLines(
  fileLines: readonly string[],
  replaced: Readonly<Record<number, string>>,
): string[] {
  return fileLines.map((line, i) => replaced[i + 1] ?? line);
}

/** A row with one of its 26 places replaced, the places counted from 0. */
export function withPlace(line: string, place: number, token: string | number): string {
  const tokens = line.trim().split(" ");
  tokens[place] = String(token);
  return tokens.join(" ");
}
