/** What a reading is: the one schema that every door validates with. */

import { z } from "zod";
import { VALUE_COLUMNS, type ValueColumn } from "./sensors.ts";

/** Same rule as the check on `engines.unit_number`. */
const UNIT_NUMBER = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;

/**
 * ISO 8601 with a zone, or the variants with a space and a short offset that Postgres, pandas and DuckDB
 * write. Everything it lets through, and that {@link isTimestamp} accepts, Postgres can cast to timestamptz; so
 * no comma before the fraction, which ISO 8601 allows and Postgres does not read.
 */
const TIMESTAMP =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ]([01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:[Zz]|[+-](?:0\d|1[0-4])(?::?[0-5]\d)?)$/;

const DAYS_IN_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function isTimestamp(text: string): boolean {
  const match = TIMESTAMP.exec(text);
  if (match === null) return false;
  const year = Number(match[1]);
  const month = Number(match[2]);
  const day = Number(match[3]);
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > DAYS_IN_MONTH[month - 1]) return false;
  return day < 29 || month !== 2 || (year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0));
}

/** How a value looks in a message: short, on one line, whatever was sent. */
function shown(value: unknown): string {
  if (value === undefined) return "missing";
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "an array" : "an object";
  if (typeof value !== "string") return String(value);
  return JSON.stringify((value.length > 60 ? `${value.slice(0, 57)}…` : value).toWellFormed());
}

/** "Cannot accept X as it must be Z: current value is V", for the column the issue is about. */
function must(column: string, requirement: string): (issue: { readonly input?: unknown }) => string {
  return (issue) =>
    `Cannot accept ${column} as it must be ${requirement}: current value is ${shown(issue.input)}`;
}

const realError = (column: ValueColumn) =>
  must(column, "a finite number within single precision, or null where the sensor gave no value");

/**
 * Refuses what `real` cannot hold, as Postgres does: after rounding. One check of the object instead of seventeen of its members (z.float32):
 * they took as long as all the rest of the validation.
 */
function withinSinglePrecision(context: z.core.ParsePayload<Record<ValueColumn, number | null>>): void {
  for (const column of VALUE_COLUMNS) {
    const input = context.value[column];
    if (input !== null && !Number.isFinite(Math.fround(input))) {
      context.issues.push({ code: "custom", input, path: [column], message: realError(column)({ input }) });
    }
  }
}

const cycleError = must("cycle", "a whole number from 1 to 2147483647");

const values = Object.fromEntries(
  VALUE_COLUMNS.map((column) => [column, z.number({ error: realError(column) }).nullable()]),
) as Record<ValueColumn, z.ZodNullable<z.ZodNumber>>;

/**
 * A reading: one engine, one flight cycle, one timestamp, seventeen values.
 *
 * - `engine_id`: the engine's unit number; letters, digits and `. _ : -`, at most 64
 * - `cycle`: whole number from 1
 * - `timestamp`: ISO 8601 with zone; kept as text so that Postgres' microseconds survive
 * - `altitude` (1,000 ft), `mach_number`, `tra` (percent), `s2` … `s21`: finite numbers; `null` where the
 *   sensor gave no value. A missing key is refused, because a misspelt one would be lost without a word.
 *
 * Other fields are ignored.
 *
 * @example
 * ```ts
 * import { Reading } from "./reading.ts";
 * import { VALUE_COLUMNS } from "./sensors.ts";
 * import assert from "node:assert/strict";
 *
 * const values = Object.fromEntries(VALUE_COLUMNS.map((column) => [column, 1.5]));
 * const reading = { engine_id: "ENGINE_001", cycle: 1, timestamp: "2024-01-01T00:00:00Z", ...values };
 * assert.equal(Reading.safeParse(reading).success, true);
 * assert.equal(Reading.safeParse({ ...reading, cycle: 0 }).success, false);
 * ```
 */
export const Reading = z.object({
  engine_id: z.string({ error: must("engine_id", "text") }).regex(UNIT_NUMBER, {
    error: must("engine_id", "1 to 64 letters, digits or . _ : -, beginning with a letter or digit"),
  }),
  cycle: z.int32({ error: cycleError, abort: true }).min(1, { error: cycleError }),
  timestamp: z.string({ error: must("timestamp", "text") }).refine(isTimestamp, {
    error: must("timestamp", "an existing ISO 8601 date and time with a zone, such as 2024-01-01T00:00:00Z"),
  }),
  ...values,
}, { error: must("a reading", "an object") }).check(withinSinglePrecision);

export type Reading = z.output<typeof Reading>;
