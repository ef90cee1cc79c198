import { testDatabase } from "./support/database.ts";
Deno.test("perf", async () => {
  for (const version of [17, 15] as const) {
    await using db = await testDatabase({ version });
    const { sql } = db;
    const months = ["2026-10-01Z", "2026-11-01Z"];
    await sql`select public.create_sensor_data_partitions(${months}::timestamptz[])`.catch(() => {});
    await sql`insert into engines (unit_number, dataset, cohort) select 'E'||lpad(n::text,4,'0'), 'SIM', case when n%2=0 then 'a' else 'b' end from generate_series(1,1000) n`;
    await sql`insert into sensor_data (engine_id, cycle, "timestamp", batch_id) select id, 500-n, now() - n * interval '1 hour', gen_random_uuid() from engines, generate_series(1,400) n`;
    await sql`insert into sensor_drift (engine_id,column_name,verdict,ks_statistic,p_value,q_value,mean_shift,wear_shift,wear,baseline_readings,window_readings,as_of)
    select id, 's'||n, case when n in (2,3) then 'drift' else 'degradation' end, .5,.01,.01, 3, 1, .4, 100,100, now() from engines, unnest(array[2,3,4,7,8,9,11,12,13,14,15,17,20,21]) n`;
    await sql`insert into engine_health_reports (engine_id, as_of, health, reasons, wear, last_cycle) select id, now() - n*interval '1 hour', 'ok','{}', .3, 500-n from engines, generate_series(1,400) n`;
    await sql`insert into anomalies (engine_id,"timestamp",cycle,detector,score,threshold,sensors) select id, now()- n*interval '1 hour', 500-n, 'mean_abs_z', 3, 2, '{"s2":3.1,"s3":2.0,"s11":4,"s4":1,"s7":2}' from engines, generate_series(1,60) n`;
    await sql`insert into anomaly_episodes (engine_id, detector, started_at, ended_at, first_cycle, last_cycle, readings, severe_readings, peak_score, peak_threshold, peak_at, sensors, severity, open, detected_at) select id,'mean_abs_z', now()-interval '60 hours', now()-interval '1 hour', 1,2,60,0,3,2,now()-interval '2 hours','{}','warning',true,now() from engines`;
    await sql`insert into rul_predictions (engine_id, cycle, predicted_rul, lower_bound, upper_bound, interval_level, model_name, model_version) select id, 500-n, 50, 40, 60, .8, 'rul', '1' from engines, generate_series(1,400) n`;
    await sql`insert into check_runs (window_start, as_of, finished_at) values (now()-interval '1 day', now(), now())`;
    await sql`insert into data_quality_metrics (run_id, table_name, metric_name, engine_id, status, metric_value, rows_checked, check_timestamp, evidence) select check_runs.id, 'sensor_data', m, engines.id, 'pass', 1, 1, now(), '{}' from check_runs, engines, unnest(array['completeness','drift','degradation']) m`;
    await sql`analyze`;
    const time = async (name: string, text: string) => {
      const ts = [];
      for (let i = 0; i < 5; i++) {
        const b = performance.now();
        await sql.unsafe(text);
        ts.push(performance.now() - b);
      }
      Deno.writeTextFileSync(
        "/tmp/retrain_perf/out",
        [version, name, ts.map((t) => t.toFixed(0)).join(" ")].join(" ") + "\n",
        { append: true },
      );
    };
    await time("engine_health", "select * from engine_health");
    await time("one engine", "select * from engine_health where unit_number='E0500'");
    await time("fleet_health", "select * from fleet_health");
    await time("report", "select report_engine_health()");
    await time("criteria", "select * from retraining_criteria()");
    await time("latest_predictions", "select * from latest_predictions where preferred");
    if (version === 17) {
      const rows = await sql.unsafe("explain (analyze, costs off) select * from engine_health");
      Deno.writeTextFileSync(
        "/tmp/retrain_perf/plan",
        rows.map((r) => r["QUERY PLAN"]).filter((l: string) => /actual time|Time/.test(l)).map((l: string) =>
          l.slice(0, 150)
        ).join("\n"),
      );
    }
  }
});
