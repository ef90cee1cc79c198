-- Who may read and write which table, in one place. New Supabase projects grant the API roles nothing on new
-- tables, older ones grant them everything: so revoke first, then grant.
--
-- anon           nothing: there is no public data here
-- authenticated  reads readings and results, not payloads of dead letters
-- service_role   reads and writes; bypasses row-level security by its own attribute
do $$
declare
  relation regclass;
  identity_sequence text;
begin
  foreach relation in array array[
    'public.engines', 'public.sensor_data', 'public.batches', 'public.dead_letters', 'public.intake_settings',
    'public.data_quality_metrics', 'public.rul_predictions', 'public.jobs', 'public.training_data'
  ]::regclass[] loop
    execute format('revoke all on %s from public, anon, authenticated, service_role', relation);
    execute format('grant select on %s to service_role', relation);
    -- an identity column's sequence needs no grant, and whoever holds one could wind it forward or back
    for identity_sequence in
      select pg_get_serial_sequence(relation::text, attname)
      from pg_catalog.pg_attribute
      where attrelid = relation and attidentity <> ''
    loop
      execute format(
        'revoke all on sequence %s from public, anon, authenticated, service_role', identity_sequence
      );
    end loop;
  end loop;
end;
$$;

alter table public.engines enable row level security;
alter table public.sensor_data enable row level security;
alter table public.batches enable row level security;
alter table public.dead_letters enable row level security;
alter table public.intake_settings enable row level security;
alter table public.data_quality_metrics enable row level security;
alter table public.rul_predictions enable row level security;
alter table public.jobs enable row level security;

grant select on public.engines, public.sensor_data, public.batches, public.data_quality_metrics,
  public.rul_predictions, public.jobs, public.training_data to authenticated;
grant insert, update, delete on public.engines, public.dead_letters, public.data_quality_metrics,
  public.rul_predictions to service_role;
grant update on public.intake_settings to service_role; -- its one row must stay

create policy engines_read on public.engines for select to authenticated using (true);
create policy sensor_data_read on public.sensor_data for select to authenticated using (true);
create policy batches_read on public.batches for select to authenticated using (true);
create policy data_quality_metrics_read on public.data_quality_metrics for select to authenticated using (true);
create policy rul_predictions_read on public.rul_predictions for select to authenticated using (true);
create policy jobs_read on public.jobs for select to authenticated using (true);
