/**
 * What a C-MAPSS file has to be like: the suite as data, and the verdict on what was measured.
 *
 * The plan this project grew from gave ranges that no real row passes (s7 2–4, s11 2–4, …). These are from the
 * published files, widened by about a third of their span on both sides: they are to catch a column that has
 * slipped or a broken value, not an engine that wears in its own way.
 */

import type { ValueColumn } from "../../shared/sensors.ts";
import type { FileName } from "./file_name.ts";

/** A verdict; `not_evaluated` where there was nothing to look at, which is not the same as `pass`. */
export type Status = "pass" | "warning" | "fail" | "not_evaluated";

/** Smallest and largest value that is expected. */
export type Range = readonly [min: number, max: number];

/** One rule. What is measured is compared with `min` and `max`, either of which may be open. */
export interface Expectation {
  /**
   * - `text`, `columns`, `types`: lines that cannot be read as a row
   * - `nulls`, `range`, `cycles`, `duplicates`: rows that are not as they should be
   * - `units`: unit numbers that are left out
   * - `not_empty`, `row_count`, `unit_count`: how much there is
   * - `rul_file`, `rul_types`, `rul_count`: the RUL file of a test set
   */
  readonly check:
    | "text"
    | "columns"
    | "types"
    | "nulls"
    | "range"
    | "cycles"
    | "duplicates"
    | "units"
    | "not_empty"
    | "row_count"
    | "unit_count"
    | "rul_file"
    | "rul_types"
    | "rul_count";
  /** The column of a `range`. */
  readonly column: ValueColumn | null;
  /** What a value of that column must lie in, both ends included. */
  readonly range: Range | null;
  readonly min: number | null;
  readonly max: number | null;
  /** What it means when the measured value lies outside. */
  readonly otherwise: "warning" | "fail";
  /** The rule in words. */
  readonly expected: string;
}

/** What was measured for one expectation. */
export interface Measurement {
  /** Null where there was nothing to measure. */
  readonly value: number | null;
  /** How many lines, rows or values were looked at. */
  readonly rows: number;
  /** Numbers of the first lines that failed, from 1. */
  readonly examples: readonly number[];
  /** Smallest and largest value of a `range` column. */
  readonly observed: Range | null;
}

/** Ranges of the sets that fly one operating condition, at sea level: FD001 and FD003. */
const SEA_LEVEL: Readonly<Record<ValueColumn, Range>> = {
  altitude: [-0.5, 0.5],
  mach_number: [-0.01, 0.3],
  tra: [99, 101],
  s2: [635, 650],
  s3: [1550, 1640],
  s4: [1360, 1465],
  s7: [545, 575],
  s8: [2380, 2396],
  s9: [8950, 9350],
  s11: [46, 49.5],
  s12: [512, 545],
  s13: [2380, 2396],
  s14: [8050, 8380],
  s15: [8, 8.8],
  s17: [380, 410],
  s20: [37.5, 40.5],
  s21: [22.4, 24.4],
};

/** Ranges over all six operating conditions of FD002 and FD004; also for sets that nobody has published. */
const ALL_CONDITIONS: Readonly<Record<ValueColumn, Range>> = {
  altitude: [-0.5, 45],
  mach_number: [-0.01, 0.9],
  tra: [55, 105],
  s2: [525, 655],
  s3: [1200, 1660],
  s4: [980, 1480],
  s7: [120, 585],
  s8: [1870, 2410],
  s9: [7900, 9400],
  s11: [33, 50],
  s12: [115, 550],
  s13: [1990, 2420],
  s14: [7750, 8420],
  s15: [7.9, 11.6],
  s17: [290, 415],
  s20: [9, 41],
  s21: [5.4, 24.6],
};

/** Rows and units of the published files. NASA's readme swaps the units of FD004. */
const PUBLISHED: Readonly<Record<string, readonly [rows: number, units: number]>> = {
  "train FD001": [20631, 100],
  "test FD001": [13096, 100],
  "train FD002": [53759, 260],
  "test FD002": [33991, 259],
  "train FD003": [24720, 100],
  "test FD003": [16596, 100],
  "train FD004": [61249, 249],
  "test FD004": [41214, 248],
};

/** At most `max` of what is counted; none unless given. */
function none(check: Expectation["check"], expected: string): Expectation {
  return { check, column: null, range: null, min: null, max: 0, otherwise: "fail", expected };
}

/** Exactly this many; different is worth a word only, because people load parts of files. */
function published(check: "row_count" | "unit_count", count: number, what: string): Expectation {
  const expected = `${count} ${what}, as published`;
  return { check, column: null, range: null, min: count, max: count, otherwise: "warning", expected };
}

/**
 * The expectations on a train or test file, in the order of the report.
 *
 * @param units How many units the file has, which is how many lines its RUL file must have.
 */
export function expectationSuite({ kind, set }: FileName, units: number): Expectation[] {
  const suite: Expectation[] = [
    none("text", "UTF-8 without NUL"),
    none("columns", "26 columns in each line"),
    none("types", "numbers; unit and cycle whole"),
    none("nulls", "no value missing"),
  ];
  const ranges = set === "FD001" || set === "FD003" ? SEA_LEVEL : ALL_CONDITIONS;
  for (const [column, range] of Object.entries(ranges) as [ValueColumn, Range][]) {
    suite.push({ ...none("range", `${range[0]} to ${range[1]}`), column, range });
  }
  suite.push(
    none("cycles", "consecutive from 1 within each unit"),
    none("duplicates", "each cycle of a unit once"),
    none("units", "unit numbers consecutive from 1"),
    { ...none("not_empty", "at least one row"), min: 1, max: null },
  );
  const known = PUBLISHED[`${kind} ${set}`];
  if (known !== undefined) {
    suite.push(published("row_count", known[0], "rows"), published("unit_count", known[1], "units"));
  }
  if (kind === "test") {
    suite.push(
      {
        ...none("rul_file", `RUL_${set}.txt, which has the labels`),
        min: 1,
        max: 1,
        otherwise: "warning",
      },
      none("rul_types", "RUL file: one whole number a line"),
      { ...none("rul_count", `RUL file: ${units} lines, one a unit`), min: units, max: units },
    );
  }
  return suite;
}

/**
 * The verdict: a pure function of rule and measurement.
 *
 * @example
 * ```ts
 * import { expectationSuite, verdict } from "./expectations.ts";
 * import assert from "node:assert/strict";
 *
 * const [text] = expectationSuite({ kind: "train", set: "FD001" }, 100);
 * assert.equal(verdict(text, { value: 0, rows: 10, examples: [], observed: null }), "pass");
 * assert.equal(verdict(text, { value: 2, rows: 10, examples: [3, 4], observed: null }), "fail");
 * assert.equal(verdict(text, { value: null, rows: 0, examples: [], observed: null }), "not_evaluated");
 * ```
 */
export function verdict(expectation: Expectation, { value }: Measurement): Status {
  if (value === null) return "not_evaluated";
  const { min, max, otherwise } = expectation;
  return (min === null || value >= min) && (max === null || value <= max) ? "pass" : otherwise;
}
