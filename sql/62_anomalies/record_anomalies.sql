-- Writes what a detector has found: part of the scoring in the worker and at the intake, in their transaction.
--
--   engine_ids, ranges   parallel arrays: the times of engines whose readings have been scored
--   detector             which detector
--   findings             the anomalies among them: [{"engine_id", "at": microseconds since 1970, "cycle", "score",
--                        "threshold", "severity", "sensors": {…}, "values": {…}, "model_id"}, …]
--   replaces             whether all readings of these times were scored, so that what was said before and is not said
--                        again is wrong; but for what readings said that have gone to the lake since
--   run                  run that does this, as lineage has it
--   returns              how many anomalies are new or other than they were, and how many are gone. The same again is 0
--
-- Sessions that write wait for each other until they commit: an episode is made of what several may have found. What was found
-- in a reading that somebody deletes meanwhile is taken back when its hour is scored again, as the deletion has noted it.
create or replace function public.record_anomalies(
  engine_ids uuid[],
  ranges tstzrange[],
  detector text,
  findings jsonb,
  replaces boolean,
  run uuid,
  out written integer,
  out withdrawn integer
)
language plpgsql
volatile
security invoker
set search_path = ''
set jit = off
as $$
#variable_conflict use_column
begin
  perform pg_advisory_xact_lock(hashtext('public.anomalies'));
  withdrawn := 0;
  if replaces then
    delete from public.anomalies as earlier
    using unnest(engine_ids, ranges) as scored (engine_id, range)
    where earlier.engine_id = scored.engine_id
      and earlier.detector = record_anomalies.detector
      and earlier."timestamp" >= greatest(coalesce(lower(scored.range), '-infinity'), public.readings_kept_from())
      and earlier."timestamp" <= coalesce(upper(scored.range), 'infinity')
      and scored.range @> earlier."timestamp"
      and not exists (
        select
        from jsonb_to_recordset(findings) as anomaly (engine_id uuid, at bigint, cycle integer)
        where anomaly.engine_id = earlier.engine_id
          and timestamptz 'epoch' + anomaly.at * interval '1 microsecond' = earlier."timestamp"
          and anomaly.cycle = earlier.cycle
      );
    get diagnostics withdrawn = row_count;
  end if;

  insert into public.anomalies as known (
    engine_id, "timestamp", cycle, detector, score, threshold, severity, sensors, "values", model_id, run_id
  )
  select
    anomaly.engine_id,
    timestamptz 'epoch' + anomaly.at * interval '1 microsecond',
    anomaly.cycle,
    record_anomalies.detector,
    anomaly.score,
    anomaly.threshold,
    anomaly.severity,
    anomaly.sensors,
    anomaly."values",
    anomaly.model_id,
    record_anomalies.run
  from jsonb_to_recordset(findings) as anomaly (
    engine_id uuid, at bigint, cycle integer, score double precision, threshold double precision, severity text,
    sensors jsonb, "values" jsonb, model_id bigint
  )
  order by anomaly.engine_id, anomaly.at, anomaly.cycle
  on conflict (engine_id, "timestamp", cycle, detector) do update
  set
    score = excluded.score,
    threshold = excluded.threshold,
    severity = excluded.severity,
    sensors = excluded.sensors,
    "values" = excluded."values",
    model_id = excluded.model_id,
    run_id = excluded.run_id,
    detected_at = now()
  where record_anomalies.replaces
    and (known.score, known.threshold, known.severity, known.sensors, known."values", known.model_id)
      is distinct from (
        excluded.score, excluded.threshold, excluded.severity, excluded.sensors, excluded."values", excluded.model_id
      );
  get diagnostics written = row_count;

  perform public.renew_anomaly_episodes(engine_ids, ranges, record_anomalies.detector);
end;
$$;

comment on function public.record_anomalies is
  'Writes the anomalies that a detector found in the given times, takes back those that it no longer finds, and renews their episodes.';
