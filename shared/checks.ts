/** Runs of the checks and their verdicts, as whoever starts one or reads of one gets them. */

import type postgres from "postgres";
import { z } from "zod";

const UTC_TIME = /^(\d{4,}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d+)?)(?:Z|\+00(?::?00)?)$/;

/**
 * A time in the one form that JSON has for it, to the microsecond. PostgREST writes +00:00, and other servers of
 * the Data API what Postgres prints, which not every parser of dates reads.
 */
export const time = z.string().transform((text) => text.replace(UTC_TIME, "$1T$2Z")).meta({
  format: "date-time",
});

const count = z.int().min(0);

export const Status = z.enum(["pass", "warning", "fail", "not_evaluated"]);

/** The worst of some verdicts, and what none amounts to: not to know is worse than to pass. */
export function worst(statuses: readonly z.infer<typeof Status>[]): z.infer<typeof Status> {
  const worstFirst = ["fail", "warning", "not_evaluated", "pass"] as const;
  return worstFirst.find((status) => statuses.includes(status)) ?? "not_evaluated";
}

/** What every verdict has, whatever it is about. */
export const verdict = {
  metric_name: z.string().describe("The check: the kind of its expectation"),
  column_name: z.string().nullable().describe("Column it is about; null when it is about whole readings"),
  status: Status,
  metric_value: z.number().nullable().describe("Null only when not evaluated; fractions are 0 to 1"),
  threshold_min: z.number().nullable().describe("Smallest value that passes"),
  threshold_max: z.number().nullable().describe("Largest value that passes"),
  evidence: z.record(z.string(), z.unknown()).describe("What the verdict rests on"),
};

/** One verdict: a row of data_quality_metrics. */
export const Metric = z.object({
  id: z.int(),
  run_id: z.int().nullable().describe("Run that wrote it; null when it came from elsewhere"),
  table_name: z.string(),
  ...verdict,
  unit_number: z.string().nullable().describe("Engine it is about; null when it is about the table"),
  rows_checked: count.nullable(),
  check_timestamp: time.describe("Moment the verdict is about"),
});
export type Metric = z.output<typeof Metric>;

/** A row of check_runs. */
export const Run = z.object({
  id: z.int(),
  window_start: time,
  as_of: time,
  started_at: time,
  finished_at: time.nullable(),
  passed: count,
  warned: count,
  failed: count,
  not_evaluated: count,
  milliseconds: z.record(z.string(), z.number()).describe("How long each part took"),
});

/** What a run came to: itself, and its verdicts on the whole table. */
export interface RunResult {
  readonly run: z.output<typeof Run>;
  readonly checks: Metric[];
}

/**
 * Runs all checks.
 *
 * @param hours Length of the window.
 * @param asOf End of the window; null: now.
 */
export async function runChecks(sql: postgres.Sql, hours: number, asOf: string | null): Promise<RunResult> {
  // times as text: postgres.js would cut them to milliseconds, and so name another run
  const [{ at }] = await sql<
    { at: string }[]
  >`select coalesce(${asOf}::text::timestamptz, now())::text as at`;
  const rows = await sql<{ metric: unknown }[]>`
    select to_jsonb(metric) || '{"unit_number": null}' as metric
    from public.run_checks(make_interval(hours => ${hours}), ${at}::text::timestamptz) as metric
    order by id`;
  // its window begins at the whole hour before
  const [{ run }] = await sql`
    select to_jsonb(check_runs) as run
    from public.check_runs
    where as_of = ${at}::text::timestamptz
      and window_start <= as_of - make_interval(hours => ${hours})
      and window_start > as_of - make_interval(hours => ${hours + 1})`;
  return { run: Run.parse(run), checks: z.array(Metric).parse(rows.map(({ metric }) => metric)) };
}
