-- Refuses to change the log or to empty it, whoever asks: the owner of the database has every right on it, and a
-- statement in the wrong window is as bad as one in bad faith. What is older than data_assets.retention_days says may be
-- deleted, which is how retention does it; there is no switch that lets more go. To shorten the retention is an act
-- itself, and its own row stays as long as the new retention is.
create or replace function public.keep_audit_log()
returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
declare
  kept_days integer;
begin
  if tg_op <> 'DELETE' then
    raise exception 'Cannot % audit_log as its rows must stay as they were written', lower(tg_op)
      using errcode = '42501';
  end if;
  select retention_days into kept_days from public.data_assets where name = 'audit_log';
  if old.at < now() - make_interval(days => kept_days) then
    return old;
  end if;
  raise exception 'Cannot delete a row of audit_log as it must be older than its retention of % days: current value is %',
    coalesce(kept_days::text, 'unlimited'), old.at
    using errcode = '42501', hint = 'data_assets.retention_days of audit_log is that number.';
end;
$$;

comment on function public.keep_audit_log() is
  'Trigger of audit_log: refuses to change rows, to empty the table, and to delete rows before their retention has passed.';

create trigger keep_audit_log before update or delete on public.audit_log
for each row execute function public.keep_audit_log();
create trigger keep_audit_log_whole before truncate on public.audit_log
for each statement execute function public.keep_audit_log();
