-- Who is acting, as far as the database can know: the signed-in user whom the Data API names (request.jwt.claims), else
-- the role of the key it was called with, else whom the command or function names (the setting spool.actor), else
-- the role that has opened the session. The claims come first: nobody who has some may pass for somebody else.
--
--   returns  an e-mail address, a user's identifier, or a name; never empty
--
--   select set_config('spool.actor', 'deno task dead-letters', true), audit_actor();
create or replace function public.audit_actor()
returns text
language sql
stable
security invoker
set search_path = ''
as $$
  select coalesce(
    nullif(claims ->> 'email', ''),
    nullif(claims ->> 'sub', ''),
    nullif(current_setting('role'), 'none'),
    nullif(current_setting('spool.actor', true), ''),
    session_user
  )
  from (select nullif(current_setting('request.jwt.claims', true), '')::jsonb as claims) as request;
$$;

comment on function public.audit_actor() is
  'Who is acting: the signed-in user, the role of the key, the setting spool.actor, or the role of the session.';
