/**
 * Benchmark of the hourly run of the checks: run_checks after one hour of new readings, on a long history and on one
 * twice as long, beside pulling the same rows into pandas and scipy and writing back what they find.
 *
 * Hypothesis: what a run costs follows the new readings and the engines, not the history; so twice the history costs
 * at most a tenth more, and it is at least five times as fast as its peer, which has to move the rows first.
 *
 * The peer finds the same, or the run does not count: the sums of its Kolmogorov-Smirnov statistics are those of
 * sensor_drift, as many sensors drift, give or take those at the edge (p is within 4 %), each check has as many
 * verdicts of each kind, and late readings, copies, spikes and levels have the same values engine by engine.
 */

import { join } from "node:path";
import type postgres from "postgres";
import { connect } from "../../shared/database.ts";
import {
  addEngines,
  addHistory,
  addReadings,
  endOf,
  faultyEngines,
  type Fleet,
  fleetUntil,
} from "./fleet.ts";
import { milliseconds, processUsage, ratios, type Spread, spread } from "./measure.ts";
import { scratchDatabase } from "./scratch.ts";

export interface QualityBenchOptions {
  readonly engines: number;
  /** Rows of history of the first database; the second has twice as many. */
  readonly rows: number;
  readonly pairs: number;
}

export interface QualityBenchResult {
  readonly options: QualityBenchOptions;
  /** Rows of both histories, the new hours included. */
  readonly rows: number;
  readonly doubledRows: number;
  /** The first run of each, which learns all baselines and rolls up 35 days: milliseconds. */
  readonly firstRun: number;
  readonly doubledFirstRun: number;
  /** Milliseconds. */
  readonly insert: Spread;
  readonly run: Spread;
  readonly doubledRun: Spread;
  /** Time with twice the history relative to once, pair by pair. */
  readonly doubledToRun: Spread;
  /** What each part of the run takes, in milliseconds, the longest first. */
  readonly parts: Readonly<Record<string, Spread>>;
  /** CPU time of the session that ran the checks, without that of the worker it shares drift with, in milliseconds. */
  readonly cpuMs: Spread | null;
  /** Null where /usr/bin/python3 lacks pandas, scipy or psycopg2. */
  readonly peer: {
    /** Milliseconds: reading the rows, judging them, and writing what was found. */
    readonly pull: Spread;
    readonly compute: Spread;
    readonly write: Spread;
    /** Judging them with scipy's default p, which is exact and faster than the asymptotic one that run_checks has. */
    readonly exactCompute: Spread;
    /** Its time relative to the run, pair by pair. */
    readonly peerToRun: Spread;
    readonly exactPeerToRun: Spread;
  } | null;
}

/** What quality_peer.py prints. */
interface PeerRun {
  readonly pull_ms: number;
  readonly compute_ms: number;
  readonly exact_compute_ms: number;
  readonly write_ms: number;
  readonly ks_statistics: number;
  readonly drifting: number;
  readonly verdicts: readonly Verdicts[];
}

/** How many verdicts of one kind a check has written. */
interface Verdicts {
  readonly metric: string;
  readonly status: string;
  readonly rows: number;
}

/** The tables that the peer writes to, like those of run_checks. */
async function addPeerTables(sql: postgres.Sql): Promise<void> {
  await sql`create schema peer`;
  for (const table of ["sensor_drift", "data_quality_metrics"]) {
    await sql`create table ${sql(`peer.${table}`)} (like ${sql(`public.${table}`)} including all)`;
  }
}

/** One run of the peer; nothing where what it needs is not installed. */
async function byPandas(url: string, asOf: Date): Promise<PeerRun | null> {
  const python = (args: string[]) => new Deno.Command("/usr/bin/python3", { args, stderr: "piped" }).output();
  try {
    if (!(await python(["-c", "import numpy, pandas, scipy, psycopg2"])).success) return null;
  } catch {
    return null; // no Python at all
  }
  const script = join(import.meta.dirname!, "quality_peer.py");
  const { success, stdout, stderr } = await python([script, url, asOf.toISOString()]);
  if (!success) {
    throw new Error(`Cannot count this run as the peer must end well: ${new TextDecoder().decode(stderr)}`);
  }
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** The session that a pool of one connection holds: its CPU time so far, in ms. Linux only. */
async function sessionCpu(sql: postgres.Sql): Promise<number | undefined> {
  const [{ pid }] = await sql`select pg_backend_pid() as pid`;
  return (await processUsage(pid))?.cpuMs;
}

async function runChecks(sql: postgres.Sql, asOf: Date): Promise<number> {
  const ms = await milliseconds(() => sql`select from public.run_checks('24 hours', ${asOf})`);
  const errors = await sql`
    select metric_name, evidence ->> 'error' as error from public.data_quality_metrics
    where check_timestamp = ${asOf} and evidence ? 'error'`;
  if (errors.length === 0) return ms;
  throw new Error(`Cannot count this run as no check may fail itself: ${JSON.stringify(errors)}`);
}

/** Cohorts the peer does not compare, and of drift it has some verdicts at the edge. */
const NOT_COMPARED = ["drift", "fleet_drift"];

/** Checks of which the values are compared, too. */
const SAME_VALUES = ["arrival", "copies", "levels", "spikes"];

/** How many verdicts each check has of each kind. */
function counted(verdicts: readonly Verdicts[]): string {
  return verdicts.filter(({ metric }) => !NOT_COMPARED.includes(metric))
    .map(({ metric, status, rows }) => `${metric} ${status} ${rows}`).toSorted().join(", ");
}

/** Both ways looked at the same readings, and came to the same result. */
async function compare(sql: postgres.Sql, asOf: Date, peer: PeerRun, fleet: Fleet): Promise<void> {
  const [ours] = await sql`
    select sum(ks_statistic) as ks_statistics, (count(*) filter (where verdict = 'drift'))::integer as drifting
    from public.sensor_drift`;
  const verdicts = await sql<Verdicts[]>`
    select metric_name as metric, status, count(*)::integer as rows
    from public.data_quality_metrics where check_timestamp = ${asOf} group by 1, 2`;
  // these come from one formula on either side: value, and what was looked at, of every row that was written
  const otherwise = await sql`
    select ours.metric_name, ours.engine_id, ours.metric_value, theirs.metric_value as by_peer, ours.rows_checked
    from (select * from public.data_quality_metrics where check_timestamp = ${asOf} and metric_name = any (${SAME_VALUES})) as ours
    full join (
      select * from peer.data_quality_metrics where check_timestamp = ${asOf} and metric_name = any (${SAME_VALUES})
    ) as theirs
      on theirs.metric_name = ours.metric_name and coalesce(theirs.engine_id::text, '') = coalesce(ours.engine_id::text, '')
    where (abs(ours.metric_value - theirs.metric_value) < 1e-9 and ours.rows_checked = theirs.rows_checked) is not true`;
  const found = (metric: string) =>
    verdicts.some((verdict) => verdict.metric === metric && verdict.status === "warning");
  const same = counted(verdicts) === counted(peer.verdicts) && otherwise.length === 0 &&
    found("levels") && found("spikes") &&
    Math.abs(ours.ks_statistics - peer.ks_statistics) < 1e-6 &&
    // p is within 4 %, so that a sensor at the edge may drift for one and not for the other
    Math.abs(ours.drifting - peer.drifting) <= 1 + 0.02 * ours.drifting;
  if (same && ours.drifting >= faultyEngines(fleet)) return;
  throw new Error(
    `Cannot count this run as both ways must find the same drift, and ${
      faultyEngines(fleet)
    } faulty engines: ` +
      JSON.stringify({ ours: { ...ours, verdicts }, peer, otherwise }),
  );
}

/** A second database like the one of `sql`, which must be its only session. */
async function cloned(sql: postgres.Sql, url: string): Promise<{ url: string; sql: postgres.Sql }> {
  await sql`create database doubled template postgres strategy file_copy`;
  const other = new URL(url);
  other.pathname = "/doubled";
  return { url: other.href, sql: connect(other.href, 1) };
}

/** Runs the benchmark on a Postgres of its own, with its default, durable settings. */
export async function benchQuality(
  options: QualityBenchOptions,
  progress: (line: string) => void,
): Promise<QualityBenchResult> {
  const { engines, pairs } = options;
  const slots = Math.round(options.rows / engines);
  await using database = await scratchDatabase(1);
  const { sql } = database;

  // The hours of the pairs end in the last whole hour, so that the readings of none lie in the future. The checks run
  // five minutes past the hour, as a job would: those minutes are not rolled up yet.
  const now = Math.floor(Date.now() / 3_600_000) * 3_600_000;
  const end = new Date(now - (pairs + 1) * 3_600_000 + 5 * 60_000);
  const fleet = fleetUntil(end, engines, 2 * slots);
  await addEngines(sql, fleet);
  await addPeerTables(sql);
  await addHistory(sql, fleet, slots, 2 * slots, progress);
  const doubled = await cloned(sql, database.url);
  try {
    await addHistory(doubled.sql, fleet, 0, slots, progress);
    const firstRun = await runChecks(sql, end);
    const doubledFirstRun = await runChecks(doubled.sql, end);
    progress(
      `first runs, with all baselines: ${firstRun.toFixed(0)} ms, twice the history ${
        doubledFirstRun.toFixed(0)
      } ms`,
    );
    await sql`vacuum analyze`;
    await doubled.sql`vacuum analyze`;

    const times = {
      insert: [] as number[],
      run: [] as number[],
      doubled: [] as number[],
      cpu: [] as number[],
    };
    const peers: PeerRun[] = [];
    const parts: Record<string, number[]> = {};
    for (let pair = 1; pair <= pairs; pair++) {
      const slot = 2 * slots + pair - 1;
      const asOf = endOf(fleet, slot + 1);
      times.insert.push(await milliseconds(() => addReadings(sql, fleet, slot, slot + 1)));
      await addReadings(doubled.sql, fleet, slot, slot + 1);

      const once = async () => {
        const before = await sessionCpu(sql);
        times.run.push(await runChecks(sql, asOf));
        const after = await sessionCpu(sql);
        if (before !== undefined && after !== undefined) times.cpu.push(after - before);
      };
      const twice = async () => times.doubled.push(await runChecks(doubled.sql, asOf));
      // in turn, so that neither always comes first
      for (const way of pair % 2 === 1 ? [once, twice] : [twice, once]) await way();
      const peer = await byPandas(database.url, asOf);
      if (peer) {
        await compare(sql, asOf, peer, fleet);
        peers.push(peer);
      }

      const [{ milliseconds: took }] = await sql`
        select milliseconds from public.check_runs order by started_at desc limit 1`;
      for (const [part, ms] of Object.entries(took as Record<string, number>)) (parts[part] ??= []).push(ms);
      progress(
        `pair ${pair} of ${pairs}: run ${times.run.at(-1)!.toFixed(0)} ms, ` +
          `twice the history ${times.doubled.at(-1)!.toFixed(0)} ms` +
          (peer
            ? `, pandas and scipy ${(peer.pull_ms + peer.compute_ms + peer.write_ms).toFixed(0)} ms`
            : ""),
      );
    }
    const count = async (of: postgres.Sql) =>
      (await of`select count(*)::integer as rows from public.sensor_data`)[0].rows;
    return {
      options,
      rows: await count(sql),
      doubledRows: await count(doubled.sql),
      firstRun,
      doubledFirstRun,
      insert: spread(times.insert),
      run: spread(times.run),
      doubledRun: spread(times.doubled),
      doubledToRun: ratios(times.doubled, times.run),
      parts: Object.fromEntries(
        Object.entries(parts).map(([part, ms]) => [part, spread(ms)] as const)
          .toSorted(([, a], [, b]) => b.median - a.median),
      ),
      cpuMs: times.cpu.length > 0 ? spread(times.cpu) : null,
      peer: peers.length === 0 ? null : {
        pull: spread(peers.map((peer) => peer.pull_ms)),
        compute: spread(peers.map((peer) => peer.compute_ms)),
        write: spread(peers.map((peer) => peer.write_ms)),
        exactCompute: spread(peers.map((peer) => peer.exact_compute_ms)),
        peerToRun: ratios(peers.map((peer) => peer.pull_ms + peer.compute_ms + peer.write_ms), times.run),
        exactPeerToRun: ratios(
          peers.map((peer) => peer.pull_ms + peer.exact_compute_ms + peer.write_ms),
          times.run,
        ),
      },
    };
  } finally {
    await doubled.sql.end({ timeout: 5 });
  }
}
