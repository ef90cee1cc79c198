/** The archive as a task of the worker: as much at a time as a hosted function may do. */

import type postgres from "postgres";
import { type Lake, LakeError } from "../lake/lake.ts";
import { type ArchiveBudget, archiveDays } from "./archive_days.ts";

/**
 * How much is archived at a time. A hosted function has 2 s of CPU: a million readings take 1.4 s, and a day some 10 ms
 * besides (docs/decisions/0013-archive.md).
 */
const BUDGET: ArchiveBudget = { rows: 600_000, rowsPerDay: 10_000 };

/** Days that are too large for a hosted function and are named in the result. */
const NAMED_DAYS = 20;

/**
 * Archives the days that are over. What is left for lack of time is done by the next attempt.
 *
 * @param asOf The present moment.
 * @param budget How much may be done; what a hosted function can do unless given.
 * @returns What was done, and which days are too large to be archived here.
 * @throws {LakeError} A transient one while days are left.
 */
export async function archiveTask(
  sql: postgres.Sql,
  lake: Lake,
  asOf: Date,
  signal: AbortSignal,
  budget: ArchiveBudget = BUDGET,
): Promise<unknown> {
  const { left, ...done } = await archiveDays(sql, lake, { asOf, budget, signal });
  const later = left.filter(({ reason }) => reason === "later");
  if (later.length > 0 && done.written + done.unchanged + done.empty > 0) {
    throw new LakeError(
      `Cannot archive all days at once: ${later.length} are left, from ${
        later[0].day
      } on, for the next attempt`,
      true,
    );
  }
  const tooLarge = left.filter(({ reason }) => reason === "too_large");
  return {
    ...done,
    busy: left.length - tooLarge.length,
    ...(tooLarge.length > 0 && {
      too_large: tooLarge.slice(0, NAMED_DAYS).map(({ day, rows }) => ({ day, rows })),
      advice:
        `${tooLarge.length} of the days have more readings than a function can archive: use deno task export archive`,
    }),
  };
}
