/** The keys of the lake: where everything lies, and what a key may look like. */

import { LakeError } from "./lake.ts";

/** Most bytes of a key as UTF-8: S3 takes 1024, and the lake's own prefix comes before it. */
export const LONGEST_KEY = 900;

const encoder = new TextEncoder();

/** What a key breaks; undefined when it is one. `record_lake_object` asks the same of it. */
function faultOf(key: string): string | undefined {
  if (key === "" || /^\/|\/\/|\/$/.test(key)) return "a path without empty segments";
  // also . and ..; Spark, Hive and Athena skip such files, and a lake in a folder keeps there what is not finished
  if (/(^|\/)\./.test(key)) return "a path without segments that begin with a dot";
  if (/[\p{Cc}\\]/u.test(key)) return "free of control characters and backslashes";
  if (!key.isWellFormed()) return "well-formed Unicode";
  if (encoder.encode(key).length > LONGEST_KEY) return `at most ${LONGEST_KEY} bytes long`;
}

/**
 * Makes sure that a text is a key: a path that stays within the lake, in S3 as in a folder.
 *
 * @returns The key.
 * @throws {LakeError} It is none, which its message tells.
 *
 * @example
 * ```ts
 * import { requireKey } from "./keys.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(requireKey("processed/year=2024/a b.parquet"), "processed/year=2024/a b.parquet");
 * assert.throws(() => requireKey("processed/../../etc/passwd"), /must be a path without segments/);
 * ```
 */
export function requireKey(key: string): string {
  const fault = faultOf(key);
  if (fault === undefined) return key;
  throw new LakeError(
    `Cannot use a key of the lake as it must be ${fault}: current value is ${
      JSON.stringify(key.slice(0, LONGEST_KEY))
    }`,
    false,
  );
}

/** Makes sure that a text is what keys can begin with: a folder with a slash at its end, part of a name, or nothing. */
export function requirePrefix(prefix: string): string {
  requireKey(`${prefix}x`);
  return prefix;
}

/** Whether an object that lies where the lake is has a key: not so, for example, S3's markers of folders. */
export function isKey(text: string): boolean {
  return faultOf(text) === undefined;
}

const DATE = /^\d{4}-\d{2}-\d{2}$/;

function requireDate(date: string): string {
  if (DATE.test(date) && new Date(`${date}T00:00:00Z`).toJSON()?.startsWith(date)) return date;
  throw new LakeError(
    `Cannot name an object of the lake as its day must be a date such as 2024-01-31: current value is ${date}`,
    false,
  );
}

/** Where the readings of the days are, one folder for each, named Hive's way. */
export const DAYS_PREFIX = "processed/year=";

/** Readings of a UTC day, `2024-01-31`. */
export function dayKey(date: string): string {
  const [year, month, day] = requireDate(date).split("-");
  return `${DAYS_PREFIX}${year}/month=${month}/day=${day}/sensor_data.parquet`;
}

/** Where training data is. */
export const SPLIT_PREFIX = "processed/train-test-split/";

/** A file of training data: `X_train.parquet`, or one in a folder of its own. */
export function splitKey(path: string): string {
  return requireKey(`${SPLIT_PREFIX}${path}`);
}

/** Where suites of expectations are. */
export const SUITES_PREFIX = "quality/expectations/";

/** The suite of a dataset, as Great Expectations reads it. */
export function suiteKey(dataset: string): string {
  return requireKey(`${SUITES_PREFIX}${dataset}.json`);
}

/** Where daily reports are. */
export const REPORTS_PREFIX = "quality/reports/";

/** The report of a UTC day's quality. */
export function reportKey(date: string, format: "json" | "html"): string {
  return `${REPORTS_PREFIX}${requireDate(date)}.${format}`;
}

/** Where backups are, a folder for each. */
export const BACKUPS_PREFIX = "backups/daily/";

/** The folder of the backup of a date, with a slash at its end. */
export function backupPrefix(date: string): string {
  return `${BACKUPS_PREFIX}${requireDate(date)}/`;
}
