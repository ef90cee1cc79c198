/** Reading a day's quality out of the database. */

import type postgres from "postgres";
import type { z } from "zod";
import { worst } from "../checks.ts";
import { transaction } from "../database.ts";
import { checkName } from "./check_name.ts";
import { QualityReport, type ReportedCheck } from "./report.ts";

/** Most groups of dead letters. */
const MOST_GROUPS = 100;

type Input = z.input<typeof QualityReport>;
type Tx = postgres.TransactionSql;

/**
 * The day's moments. Verdicts and alerts are of moments after its first one up to the first one of the next day, as that
 * is where the window of its last 24 hours ends; what arrived did so before that.
 */
interface Bounds {
  readonly start: string;
  readonly end: string;
}

async function rowsOf<Row>(query: postgres.PendingQuery<{ row: Row }[]>): Promise<Row[]> {
  return (await query).map(({ row }) => row);
}

function readRuns(tx: Tx, { start, end }: Bounds) {
  return rowsOf<{ id: number; window_start: string; as_of: string }>(tx`
    select to_jsonb(run) as row
    from (
      select id, window_start, as_of
      from public.check_runs
      where finished_at is not null and as_of > ${start}::timestamptz and as_of <= ${end}::timestamptz
      order by as_of desc, id desc
    ) as run`);
}

function readChecks(tx: Tx, { start, end }: Bounds) {
  return rowsOf<Input["checks"][number]>(tx`
    select to_jsonb(summary) as row
    from public.quality_summary_between(${start}::timestamptz, ${end}::timestamptz) as summary
    order by metric_name collate "C", length(column_name) nulls first, column_name collate "C"`);
}

function readSources(tx: Tx, { start, end }: Bounds) {
  return rowsOf<Input["readings"]["by_source"][number]>(tx`
    select to_jsonb(arrived) as row
    from (
      select
        source, count(*) as batches, sum(received) as received, sum(accepted) as accepted,
        sum(duplicates) as duplicates, sum(rejected) as rejected
      from public.batches
      where received_at >= ${start}::timestamptz and received_at < ${end}::timestamptz
      group by source
      order by source collate "C"
    ) as arrived`);
}

function readDrift(tx: Tx, run: number | null) {
  return rowsOf<Input["drift"][number]>(tx`
    select to_jsonb(drifting) as row
    from (
      select
        engines.unit_number, sensor."column" as column_name, sensor.ks_statistic, sensor.q_value, sensor.mean_shift,
        sensor.wear_shift, coalesce((metrics.evidence -> 'suspected')::boolean, false) as suspected
      from public.data_quality_metrics as metrics
      join public.engines on engines.id = metrics.engine_id
      cross join lateral jsonb_to_recordset(metrics.evidence -> 'sensors') as sensor (
        "column" text, ks_statistic float8, q_value float8, mean_shift float8, wear_shift float8
      )
      where metrics.run_id = ${run}::bigint and metrics.metric_name = 'drift'
        and metrics.status in ('warning', 'fail')
      order by sensor.ks_statistic desc, engines.unit_number collate "C", sensor."column" collate "C"
    ) as drifting`);
}

function readCompleteness(tx: Tx, run: number | null) {
  return rowsOf<Input["completeness"][number]>(tx`
    select to_jsonb(engine) as row
    from (
      select
        engines.unit_number,
        metrics.status,
        metrics.metric_value as value,
        (metrics.evidence ->> 'expected')::bigint as expected,
        metrics.rows_checked as received,
        (metrics.evidence ->> 'missed')::bigint as missed,
        (metrics.evidence ->> 'gap_count')::bigint as gaps,
        (metrics.evidence ->> 'silent_since')::timestamptz as silent_since,
        coalesce((metrics.evidence -> 'never_sent')::boolean, false) as never_sent,
        metrics.evidence ->> 'reason' as reason
      from public.data_quality_metrics as metrics
      join public.engines on engines.id = metrics.engine_id
      where metrics.run_id = ${run}::bigint and metrics.metric_name = 'completeness'
      order by
        array_position(array['fail', 'warning', 'not_evaluated', 'pass'], metrics.status),
        metrics.metric_value, engines.unit_number collate "C"
    ) as engine`);
}

function readAlertEvents(tx: Tx, { start, end }: Bounds) {
  return rowsOf<Input["alerts"]["events"][number]>(tx`
    select to_jsonb(happened) as row
    from (
      select events.at, events.event, alerts.kind, alerts.subject, events.severity, events.summary
      from public.alert_events as events
      join public.alerts on alerts.id = events.alert_id
      where events.at > ${start}::timestamptz and events.at <= ${end}::timestamptz
        and events.event in ('opened', 'reopened', 'escalated', 'resolved')
      order by events.at, events.alert_id, events.number
    ) as happened`);
}

/** By their events: the alerts themselves know their present state only. */
function readOpenAlerts(tx: Tx, { end }: Bounds) {
  return rowsOf<Input["alerts"]["open"][number]>(tx`
    select to_jsonb(standing) as row
    from (
      select alerts.kind, alerts.subject, latest.severity, latest.summary, alerts.opened_at
      from public.alerts
      cross join lateral (
        select events.event, events.severity, events.summary
        from public.alert_events as events
        where events.alert_id = alerts.id and events.at <= ${end}::timestamptz
        order by events.number desc
        limit 1
      ) as latest
      where alerts.opened_at <= ${end}::timestamptz
        and (alerts.resolved_at is null or alerts.resolved_at > ${end}::timestamptz)
        and latest.event <> 'resolved'
      order by latest.severity = 'fail' desc, alerts.opened_at, alerts.id
    ) as standing`);
}

/** What was replayed later counts as open at the day's end: a later replay does not change the report. */
async function readDeadLetters(tx: Tx, { start, end }: Bounds): Promise<Input["dead_letters"]> {
  const [row] = await tx<Input["dead_letters"][]>`
    with grouped as (
      select
        source,
        regexp_replace(path, '\\[\\d+\\]', '[]', 'g') as path,
        regexp_replace(reason, ': current value is .*$', '') as reason,
        count(*) as count,
        count(*) filter (where replayed_at is null or replayed_at >= ${end}::timestamptz) as open
      from public.dead_letters
      where first_seen_at >= ${start}::timestamptz and first_seen_at < ${end}::timestamptz
      group by 1, 2, 3
    ),
    placed as (
      select
        grouped.*,
        row_number() over (
          order by count desc, source collate "C", path collate "C", reason collate "C"
        ) as place
      from grouped
    )
    select
      coalesce(sum(count), 0)::float8 as count,
      coalesce(sum(open), 0)::float8 as open,
      coalesce(
        jsonb_agg(to_jsonb(placed) - 'place' order by place) filter (where place <= ${MOST_GROUPS}), '[]'
      ) as groups
    from placed`;
  return row;
}

function readLake(tx: Tx, day: string) {
  return rowsOf<Input["lake"][number]>(tx`
    select to_jsonb(object) as row
    from (
      select key, kind, row_count, bytes, sha256, verified_at, fault
      from public.lake_objects
      where day = ${day}::date and kind <> 'report'
      order by key collate "C"
    ) as object`);
}

function verdictOf(checks: Input["checks"], runs: number): Input["verdict"] {
  if (runs === 0 && checks.every(({ check_timestamp }) => check_timestamp === null)) {
    return { status: "not_evaluated", reasons: ["No run of the checks was about this day"] };
  }
  const named = (status: ReportedCheck["status"]) =>
    checks.filter((check) => check.status === status).map(checkName).join(", ");
  const reasons = [];
  for (
    const [status, what] of [["fail", "Failed"], ["warning", "Warned"], [
      "not_evaluated",
      "Not evaluated",
    ]] as const
  ) {
    if (named(status) !== "") reasons.push(`${what}: ${named(status)}`);
  }
  return { status: worst(checks.map(({ status }) => status)), reasons };
}

function sumOf(sources: Input["readings"]["by_source"]): Input["readings"] {
  const sum = { batches: 0, received: 0, accepted: 0, duplicates: 0, rejected: 0 };
  for (const source of sources) {
    for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += source[name];
  }
  return { ...sum, by_source: sources };
}

/**
 * Reads a day's quality, all of it from one snapshot. The same database gives the same report, at whatever time.
 *
 * @param day UTC day, `2024-01-31`.
 */
export async function readQualityReport(sql: postgres.Sql, day: string): Promise<QualityReport> {
  const start = `${day}T00:00:00Z`;
  const end = new Date(Date.parse(start) + 86_400_000).toISOString();
  const bounds = { start, end };
  const report = await transaction(sql, async (tx): Promise<Input> => {
    await tx`set transaction isolation level repeatable read, read only`;
    // JSON has times and numbers as the session has them
    await tx`set local timezone to 'UTC'`;
    await tx`set local extra_float_digits to 1`;
    const runs = await readRuns(tx, bounds);
    const latest = runs.at(0);
    const checks = await readChecks(tx, bounds);
    return {
      version: 1,
      day,
      verdict: verdictOf(checks, runs.length),
      runs: {
        count: runs.length,
        latest: latest === undefined ? null : { window_start: latest.window_start, as_of: latest.as_of },
      },
      readings: sumOf(await readSources(tx, bounds)),
      checks,
      drift: await readDrift(tx, latest?.id ?? null),
      completeness: await readCompleteness(tx, latest?.id ?? null),
      alerts: { events: await readAlertEvents(tx, bounds), open: await readOpenAlerts(tx, bounds) },
      dead_letters: await readDeadLetters(tx, bounds),
      lake: await readLake(tx, day),
    };
  });
  return QualityReport.parse(report);
}
