/** The RUL file of a test set: how many cycles each engine had left when its recording stopped. */

/** What an RUL file says. */
export interface RemainingLife {
  /** Cycles left of unit 1, 2, …; null where the line is not a number. */
  readonly cycles: readonly (number | null)[];
  /** Numbers of the lines that are not whole numbers, from 1. */
  readonly badLines: readonly number[];
}

/** Far above any published life, far below what an integer column overflows at. */
const MOST_CYCLES = 1_000_000;

/**
 * Parses an RUL file: one whole number a line. Blank lines are passed over.
 *
 * @param bytes The file's content.
 *
 * @example
 * ```ts
 * import { parseRemainingLife } from "./remaining_life.ts";
 * import assert from "node:assert/strict";
 *
 * const bytes = new TextEncoder().encode("112 \n98 \nmany\n");
 * assert.deepEqual(parseRemainingLife(bytes), { cycles: [112, 98, null], badLines: [3] });
 * ```
 */
export function parseRemainingLife(bytes: Uint8Array): RemainingLife {
  const cycles: (number | null)[] = [];
  const badLines: number[] = [];
  for (const [index, line] of new TextDecoder().decode(bytes).split("\n").entries()) {
    const text = line.trim();
    if (text === "") continue;
    const value = /^\d+(\.0*)?$/.test(text) ? Number(text) : NaN;
    if (value <= MOST_CYCLES) cycles.push(value);
    else {
      cycles.push(null);
      badLines.push(index + 1);
    }
  }
  return { cycles, badLines };
}
