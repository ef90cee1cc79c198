-- Writes down an administrative act, in the act's own transaction: what did not happen leaves no row, and what
-- happened cannot be without one.
--
--   action   what is done, as subject.verb: retention.drop, asset.update, backup.create
--   target   what it is done to: the name of an asset, a partition, a setting
--   details  what changes, and the evidence; an object. Never a secret: whoever reads the log would have it
--   raises   23514 for an action that is not of this form, or details that are not an object
--
-- Who acts is audit_actor(). A command or a function names itself before, in the same transaction:
--
--   select set_config('spool.actor', 'deno task backup', true);
--   select record_audit('backup.create', '2024-01-31', '{"rows": 20631}');
create or replace function public.record_audit(action text, target text, details jsonb default '{}')
returns void
language sql
volatile
security invoker
set search_path = ''
as $$
  insert into public.audit_log (actor, action, target, details)
  values (public.audit_actor(), record_audit.action, record_audit.target, coalesce(record_audit.details, '{}'));
$$;

comment on function public.record_audit(text, text, jsonb) is
  'Writes an administrative act to audit_log, with who does it; part of the act''s own transaction.';
