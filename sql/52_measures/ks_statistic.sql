-- Two-sample Kolmogorov-Smirnov statistic: the largest distance of the two empirical distribution functions. Both are
-- steps that jump only at values of the samples, so that it is enough to look there, and looking at each value with
-- "how many are not larger" is right for ties, too. width_bucket finds that number in a sorted array by bisection.
--
--   reference, current   values in ascending order, without nulls and NaN
--   returns              D, 0 to 1; null when a sample is empty
--
-- Source: Smirnov 1948; equal to scipy.stats.ks_2samp to 1e-12 (tests/sql/ks_test.ts).
--
--   select ks_statistic('{1,2,3}', '{2,3,4}');   -- 0.3333333333333333
create or replace function public.ks_statistic(reference double precision[], current double precision[])
returns double precision
language sql
immutable
parallel safe
security invoker
set search_path = ''
as $$
  select max(abs(
    width_bucket(value, reference)::double precision / nullif(cardinality(reference), 0)
    - width_bucket(value, current)::double precision / nullif(cardinality(current), 0)
  ))
  from unnest(reference || current) as value;
$$;

comment on function public.ks_statistic(double precision[], double precision[]) is
  'Two-sample Kolmogorov-Smirnov D of two sorted arrays: 0 for equal distributions, 1 for disjoint ones.';
