/** Running the checks on demand. */

import type postgres from "postgres";
import { z } from "zod";
import { Metric, Run } from "./rows.ts";

/** What a run came to: itself, and its verdicts on the whole table. */
export interface RunResult {
  readonly run: z.output<typeof Run>;
  readonly checks: z.output<typeof Metric>[];
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
    order by metric_name, column_name nulls first`;
  // its window begins at the whole hour before
  const [{ run }] = await sql`
    select to_jsonb(check_runs) as run
    from public.check_runs
    where as_of = ${at}::text::timestamptz
      and window_start <= as_of - make_interval(hours => ${hours})
      and window_start > as_of - make_interval(hours => ${hours + 1})`;
  return { run: Run.parse(run), checks: z.array(Metric).parse(rows.map(({ metric }) => metric)) };
}
