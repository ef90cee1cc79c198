-- A 64-bit hash of a reading, all columns included, of which a day's digest is the sum.
--
-- hash_record_extended is 31 times the hash of the columns before plus that of the next, so a sum of it stays the same
-- when two readings swap a value. What comes of it is hashed again, which no such exchange survives.
--
--   seed     another seed gives an independent hash
--
--   select sum(hash_reading(reading, 0)) from sensor_data as reading;
create or replace function public.hash_reading(reading public.sensor_data, seed bigint)
returns bigint
language sql
immutable
parallel safe
security invoker
-- no search_path: it would keep Postgres from putting the expression in the place of the call
return pg_catalog.hash_numeric_extended(pg_catalog.hash_record_extended(reading, seed), seed);

comment on function public.hash_reading(public.sensor_data, bigint) is
  'Hash of a reading, all columns included, such that sums of it tell sets of readings apart.';
