-- Declares the schema as it is: the last statement of every migration.
create or replace function public.declare_schema()
returns void
language sql
volatile
security invoker
set search_path = ''
as $$
  delete from public.declared_columns;
  insert into public.declared_columns select * from public.live_columns();
$$;

comment on function public.declare_schema() is 'Writes down the columns of all tables as they are, for check_schema.';
