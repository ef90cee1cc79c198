/**
 * What a C-MAPSS file has to be like: the rules, read from the table expectations, and the verdict on what was
 * measured. The rules are data that people edit; here is only what they mean for a file.
 */

import type postgres from "postgres";
import { VALUE_COLUMNS, type ValueColumn } from "../../shared/sensors.ts";
import { type FileName, formatFileName } from "./file_name.ts";

/** A verdict; `not_evaluated` where there was nothing to look at, which is not the same as `pass`. */
export type Status = "pass" | "warning" | "fail" | "not_evaluated";

/** Smallest and largest value. */
export type Range = readonly [min: number, max: number];

/**
 * What is measured of a file, in the order of the report.
 *
 * - `text`, `columns`, `types`: lines that cannot be read as a row
 * - `nulls`, `range`, `cycles`, `duplicates`: rows that are not as they should be
 * - `units`: unit numbers that are left out
 * - `not_empty`, `row_count`, `unit_count`: how much there is
 * - `rul_file`, `rul_types`, `rul_count`: the RUL file of a test set
 */
export const FILE_CHECKS = [
  "text",
  "columns",
  "types",
  "nulls",
  "range",
  "cycles",
  "duplicates",
  "units",
  "not_empty",
  "row_count",
  "unit_count",
  "rul_file",
  "rul_types",
  "rul_count",
] as const;

/** One rule as it counts for a file: all the columns or operating conditions that the same row stands for. */
export interface Expectation {
  readonly check: (typeof FILE_CHECKS)[number];
  /** Those of `nulls` and `range`, the latter one; else none. */
  readonly columns: readonly ValueColumn[];
  /** Operating conditions that a `range` counts for; 0 stands for none of the known ones. */
  readonly conditions: readonly number[];
  /** The operating condition that the rule itself names, which makes it one among others of its column. */
  readonly ownCondition: number | null;
  /** Of a `range` the bounds of the values, else those of the measured value; null: none. */
  readonly min: number | null;
  readonly max: number | null;
  /** Share of the rows that must keep a rule about rows. */
  readonly mostly: number;
  /** What it means when it is broken. */
  readonly severity: "warning" | "fail";
  /** In the words of whoever made the rule. */
  readonly description: string;
}

/** An operating condition: a box of the three settings, both ends included. */
export interface OperatingCondition {
  readonly condition: number;
  /** Of altitude, Mach number and throttle, in this order. */
  readonly box: readonly [Range, Range, Range];
}

/** What a file is held against. */
export interface Suite {
  readonly expectations: readonly Expectation[];
  readonly operatingConditions: readonly OperatingCondition[];
}

/** What was measured for one expectation. */
export interface Measurement {
  /** Null where there was nothing to measure. Of a rule about rows, how many of them break it. */
  readonly value: number | null;
  /** What the verdict is about instead, where a rule is about each of several columns: the worst of them. */
  readonly worst?: number;
  /** How many lines, rows or values were looked at. */
  readonly rows: number;
  /** Numbers of the first lines that failed, from 1. */
  readonly examples: readonly number[];
  /** Smallest and largest value of a `range` column. */
  readonly observed: Range | null;
}

/** Nobody has rules for the file. */
export class NoExpectationsError extends Error {
  override readonly name = "NoExpectationsError";
}

interface RuleRow {
  id: string;
  check: Expectation["check"];
  column_name: ValueColumn | null;
  condition: number | null;
  own_condition: number | null;
  min: number | null;
  max: number | null;
  mostly: number;
  severity: Expectation["severity"];
  description: string;
}

/**
 * Reads the rules that count for a file.
 *
 * @param name A train or test file.
 * @throws {NoExpectationsError} When there is none: a file that nothing is expected of would pass.
 */
export async function readSuite(sql: postgres.Sql, { kind, set }: FileName): Promise<Suite> {
  const rows = await sql<RuleRow[]>`
    select
      effective.expectation_id::text as id, effective.kind as check, effective.column_name, effective.condition,
      expectations.condition as own_condition, effective.min, effective.max, effective.mostly, effective.severity,
      effective.description
    from public.effective_expectations as effective
    join public.expectations on expectations.id = effective.expectation_id
    where effective.kind = any (${FILE_CHECKS as unknown as string[]}::text[])
      and (effective.subset is null or effective.subset = ${kind})
      and effective.dataset is not distinct from (
        select named.dataset
        from (
          select dataset from public.expectations union select dataset from public.engines
        ) as named
        where named.dataset = ${set}
      )
    order by
      array_position(${FILE_CHECKS as unknown as string[]}::text[], effective.kind),
      array_position(${VALUE_COLUMNS as unknown as string[]}::text[], effective.column_name),
      expectations.condition nulls last, effective.condition`;
  if (rows.length === 0) {
    throw new NoExpectationsError(
      `Cannot check ${formatFileName({ kind, set })} as expectations must have rules for it: it has none`,
    );
  }
  const expectations = new Map<string, Expectation & { columns: ValueColumn[]; conditions: number[] }>();
  for (const { id, column_name, condition, own_condition: ownCondition, ...rule } of rows) {
    let expectation = expectations.get(id);
    if (expectation === undefined) {
      expectation = { ...rule, ownCondition, columns: [], conditions: [] };
      expectations.set(id, expectation);
    }
    if (column_name !== null && !expectation.columns.includes(column_name)) {
      expectation.columns.push(column_name);
    }
    if (condition !== null) expectation.conditions.push(condition);
  }

  const boxes = await sql<
    Record<"condition" | `${"altitude" | "mach_number" | "tra"}_${"min" | "max"}`, number>[]
  >`
    select condition, altitude_min, altitude_max, mach_number_min, mach_number_max, tra_min, tra_max
    from public.operating_conditions
    order by condition`;
  return {
    expectations: [...expectations.values()],
    operatingConditions: boxes.map((row) => ({
      condition: row.condition,
      box: [
        [row.altitude_min, row.altitude_max],
        [row.mach_number_min, row.mach_number_max],
        [row.tra_min, row.tra_max],
      ],
    })),
  };
}

const ABOUT_ROWS: ReadonlySet<string> = new Set([
  "text",
  "columns",
  "types",
  "nulls",
  "range",
  "cycles",
  "duplicates",
]);

/** What a value of a range must be, in words: `between 46 and 49.5`. */
export function bounds({ min, max }: Pick<Expectation, "min" | "max">): string {
  if (min === null) return `at most ${max}`;
  if (max === null) return `at least ${min}`;
  return `between ${min} and ${max}`;
}

function count({ min, max, description }: Expectation, what: string): string {
  return `${min === max ? min : bounds({ min, max })} ${what}, ${description}`;
}

/**
 * The rule in words, as the report prints it.
 *
 * @param units How many units the file has, which is how many lines its RUL file must have.
 */
export function wording(expectation: Expectation, set: string, units: number): string {
  const { check, min, max, mostly, ownCondition } = expectation;
  const share = mostly < 1 ? `, in at least ${Number((mostly * 100).toPrecision(12))} % of the rows` : "";
  switch (check) {
    case "text":
      return "UTF-8 without NUL" + share;
    case "columns":
      return "26 columns in each line" + share;
    case "types":
      return "numbers; unit and cycle whole" + share;
    case "nulls":
      return "no value missing" + share;
    case "range": {
      const range = min === null || max === null ? bounds(expectation) : `${min} to ${max}`;
      return range + (ownCondition === null ? "" : ` in condition ${ownCondition}`) + share;
    }
    case "cycles":
      return "consecutive from 1 within each unit" + share;
    case "duplicates":
      return "each cycle of a unit once" + share;
    case "units":
      return "unit numbers consecutive from 1";
    case "not_empty":
      return min === 1 && max === null ? "at least one row" : `${bounds(expectation)} rows`;
    case "row_count":
      return count(expectation, "rows");
    case "unit_count":
      return count(expectation, "units");
    case "rul_file":
      return `RUL_${set}.txt, which has the labels`;
    case "rul_types":
      return "RUL file: one whole number a line";
    case "rul_count":
      return min === 0 && max === 0
        ? `RUL file: ${units} lines, one a unit`
        : `RUL file: lines minus units ${bounds(expectation)}`;
  }
}

/** Most rows of `rows` that may break a rule that `mostly` of them must keep. */
function mostBroken(rows: number, mostly: number): number {
  const most = Math.round(rows * (1 - mostly));
  // the share decides, as in the verdict: 1 - mostly is not exact
  return (rows - most) / rows >= mostly ? most : most - 1;
}

/**
 * What the measured value is compared with: bounds of the rule, or how many rows may break it.
 *
 * @param units As in {@link wording}.
 */
export function thresholds(
  { check, min, max, mostly }: Expectation,
  { rows }: Measurement,
  units: number,
): { readonly min: number | null; readonly max: number | null } {
  if (ABOUT_ROWS.has(check)) return { min: null, max: rows === 0 ? 0 : mostBroken(rows, mostly) };
  if (check === "rul_count") {
    return { min: min === null ? null : units + min, max: max === null ? null : units + max };
  }
  return { min, max };
}

/**
 * The verdict: a pure function of what was measured and what it must lie in. SQL has the same, expectation_verdict.
 *
 * @example
 * ```ts
 * import { verdict } from "./expectations.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(verdict(0, { min: null, max: 0 }, "fail"), "pass");
 * assert.equal(verdict(2, { min: null, max: 0 }, "fail"), "fail");
 * assert.equal(verdict(null, { min: null, max: 0 }, "fail"), "not_evaluated");
 * ```
 */
export function verdict(
  value: number | null,
  { min, max }: { readonly min: number | null; readonly max: number | null },
  severity: "warning" | "fail",
): Status {
  if (value === null) return "not_evaluated";
  const isWithin = !Number.isNaN(value) && (min === null || value >= min) && (max === null || value <= max);
  return isWithin ? "pass" : severity;
}
