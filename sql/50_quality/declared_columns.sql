-- The schema as the last migration left it, so that a change by hand shows. declare_schema() writes it at the end of
-- every migration.
create table public.declared_columns (
  table_name text not null,
  column_name text not null,
  data_type text not null,
  is_nullable boolean not null,
  primary key (table_name, column_name)
);

comment on table public.declared_columns is
  'Columns of all tables as the last migration left them; check_schema compares the live catalog with it.';
comment on column public.declared_columns.table_name is 'Table of the schema public.';
comment on column public.declared_columns.column_name is 'Column of it.';
comment on column public.declared_columns.data_type is 'Its type, as format_type writes it.';
comment on column public.declared_columns.is_nullable is 'Whether it may be null.';
