-- Whether the caller may read an asset of the catalogue. Policies and views ask it once per query, not once per row:
-- `using ((select public.may_read('sensor_data')))`.
--
-- A reader has a clearance, an asset a classification: public, internal, confidential, restricted, each of which includes
-- those before it. A stranger (anon) has public, a signed-in user internal, or what app_metadata.clearance of the token
-- says: only the project's administrators write app_metadata, whereas user_metadata is the user's own to edit. A
-- clearance that is none of the four words counts as not given. Roles that row-level security does not bind read everything, so
-- that jobs see the same views as people. What is not in the catalogue nobody else reads.
--
-- Security definer: an asset's classification must be known to refuse it, also to those who may not read data_assets; and
-- the policy of data_assets itself asks here.
--
--   asset    name of a table or view; data_assets.name
--
--   select may_read('dead_letters');
create or replace function public.may_read(asset text)
returns boolean
language sql
stable
parallel safe
security definer
set search_path = ''
as $$
  with caller as (
    select
      -- within a definer's function current_user is its owner; the caller's role is what was set, or has logged in
      coalesce(nullif(current_setting('role'), 'none'), session_user) as role,
      nullif(current_setting('request.jwt.claims', true), '')::jsonb #>> '{app_metadata,clearance}' as claimed,
      array['public', 'internal', 'confidential', 'restricted'] as levels
  )
  select
    exists (
      select
      from public.data_assets
      where data_assets.name = may_read.asset
        and array_position(caller.levels, data_assets.classification) <= case
          when caller.role = 'authenticated' then coalesce(array_position(caller.levels, caller.claimed), 2)
          else 1
        end
    )
    or exists (
      select
      from pg_catalog.pg_roles as roles
      where roles.rolname = caller.role
        and (
          roles.rolsuper or roles.rolbypassrls
          or pg_has_role(
            roles.oid,
            (select relowner from pg_catalog.pg_class where oid = 'public.data_assets'::regclass),
            'usage'
          )
        )
    )
  from caller;
$$;

comment on function public.may_read(text) is
  'Whether the caller''s clearance (app_metadata.clearance of the token) includes the classification of an asset; what row-level security goes by.';
