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
  // as text: postgres.js would cut a timestamp to milliseconds, and so name another run
  const rows = await sql<{ metric: unknown }[]>`
    select to_jsonb(metric) || '{"unit_number": null}' as metric
    from public.run_checks(make_interval(hours => ${hours}), coalesce(${asOf}::text::timestamptz, now())) as metric
    order by metric_name, column_name nulls first`;
  const checks = z.array(Metric).parse(rows.map(({ metric }) => metric));
  const runs = await sql`select to_jsonb(run) as run from public.check_runs as run where id = ${
    checks[0].run_id
  }`;
  return { run: Run.parse(runs[0].run), checks };
}
