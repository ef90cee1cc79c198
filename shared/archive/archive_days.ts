/** All days that are over, from Postgres into the lake. */

import type postgres from "postgres";
import { isTransient } from "../database.ts";
import { type Lake, LakeError } from "../lake/lake.ts";
import { archiveDay, type ArchivedDay } from "./archive_day.ts";

/** How many days may fail before no more are tried: one is about that day, three are about everything. */
const FAILURES = 3;

/** Why a day is left. */
export interface LeftDay {
  readonly day: string;
  /** How many readings it has, where they were counted. */
  readonly rows?: number;
  readonly reason: "too_large" | "busy" | "later";
}

/** What was done. */
export interface ArchiveReport {
  /** Days that were written. */
  readonly written: number;
  /** Days of which the lake had these very readings. */
  readonly unchanged: number;
  /** Days without a reading. */
  readonly empty: number;
  /** Readings and bytes of those that were written. */
  readonly rows: number;
  readonly bytes: number;
  /** Days that are over and were not archived. */
  readonly left: readonly LeftDay[];
}

export interface ArchiveDaysOptions {
  /** The present moment: days that are over by then. */
  readonly asOf: Date;
  /** First and last day. */
  readonly from?: string;
  readonly to?: string;
  /** Days that the lake has already are written again. */
  readonly force?: boolean;
  /** How much may be done; anything unless given. */
  readonly budget?: ArchiveBudget;
  readonly signal?: AbortSignal;
  /** Is told which days there are, before the first. */
  readonly onPlan?: (days: readonly string[]) => void;
  readonly onRows?: (rows: number) => void;
  readonly onDay?: (day: ArchivedDay) => void;
}

/** How much may be done at once. */
export interface ArchiveBudget {
  /** Readings. */
  readonly rows: number;
  /** What a day costs besides its readings, as many readings. */
  readonly rowsPerDay: number;
}

/** One or more days could not be archived; the others were. */
export class ArchiveError extends Error {
  override readonly name = "ArchiveError";
  constructor(readonly days: readonly string[], readonly report: ArchiveReport, options: ErrorOptions) {
    const cause = options.cause instanceof Error ? options.cause.message : String(options.cause);
    super(`Cannot archive ${days.join(", ")}: ${cause}`, options);
  }
}

async function daysToArchive(
  sql: postgres.Sql,
  { asOf, from, to, force }: ArchiveDaysOptions,
): Promise<string[]> {
  const time = asOf.toISOString();
  const days = force
    ? sql`
      select day from public.sensor_data_days
      where day < (${time}::timestamptz at time zone 'UTC')::date and retired_at is null`
    : sql`select day from public.days_to_archive(${time}::timestamptz)`;
  const rows = await sql`
    select day::text from (${days}) as known
    where day >= coalesce(${from ?? null}::date, '-infinity') and day <= coalesce(${
    to ?? null
  }::date, 'infinity')
    order by day::date`;
  return rows.map(({ day }) => day);
}

/**
 * Archives the days that are over and not in the lake as they are now, the oldest first. What has changed since
 * readings were last rolled up is looked at before.
 *
 * @throws {ArchiveError} Days that could not be archived for reasons of their own. What may pass by itself, such as
 *   an unreachable lake, is thrown as it is, at once.
 */
export async function archiveDays(
  sql: postgres.Sql,
  lake: Lake,
  options: ArchiveDaysOptions,
): Promise<ArchiveReport> {
  const { budget = { rows: Infinity, rowsPerDay: 0 }, force, signal, onPlan, onRows, onDay } = options;
  await sql`select public.roll_up_readings()`;
  const days = await daysToArchive(sql, options);
  onPlan?.(days);

  const done = { written: 0, unchanged: 0, empty: 0, rows: 0, bytes: 0 };
  const left: LeftDay[] = [];
  const failed: string[] = [];
  let cause: unknown;
  let spent = 0;
  for (const day of days) {
    if (spent + budget.rowsPerDay > budget.rows || failed.length === FAILURES) {
      left.push({ day, reason: "later" });
      continue;
    }
    signal?.throwIfAborted();
    // a day of its own size is measured against the whole budget: it would never fit otherwise
    const mostRows = budget.rows - budget.rowsPerDay;
    let archived: ArchivedDay;
    try {
      const room = budget.rows - budget.rowsPerDay - spent;
      archived = await archiveDay(sql, lake, day, { force, mostRows: room, onRows, signal });
    } catch (error) {
      signal?.throwIfAborted();
      if (isTransient(error) || error instanceof LakeError && error.transient) throw error;
      cause ??= error;
      failed.push(day);
      continue;
    }
    onDay?.(archived);
    spent += budget.rowsPerDay;
    if (archived.outcome === "busy") left.push({ day, reason: "busy" });
    else if (archived.outcome === "too_large") {
      left.push({ day, rows: archived.rows, reason: archived.rows > mostRows ? "too_large" : "later" });
    } else {
      done[archived.outcome]++;
      if (archived.outcome === "written") {
        done.rows += archived.rows;
        done.bytes += archived.bytes;
        spent += archived.rows;
      }
    }
  }
  const report = { ...done, left };
  if (failed.length > 0) throw new ArchiveError(failed, report, { cause });
  return report;
}
