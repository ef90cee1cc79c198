-- Partitions live in a schema of their own. `public` is what the Data API exposes and what `supabase gen
-- types` describes; a table that appears there every month would change both every month, and would need
-- its own policies to be as closed as its parent.
create schema if not exists partitions;
comment on schema partitions is
  'Monthly partitions of public.sensor_data. Query the parent; these are storage.';
