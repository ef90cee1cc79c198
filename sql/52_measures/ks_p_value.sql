-- Asymptotic p of a two-sided Kolmogorov-Smirnov statistic with the correction of Stephens (1970) for finite samples:
-- Q(lambda) with lambda = (sqrt(n) + 0.12 + 0.11 / sqrt(n)) D and n = n1 n2 / (n1 + n2).
--
-- Two series of the same function: the alternating one converges fast above lambda = 1.18, the theta series below it.
-- Exponents are clamped at -700, because exp() raises an error where the result is smaller than a double can be.
--
--   statistic    D, 0 to 1
--   effective_n  n above; with correlated readings less than that (design effect)
--   returns      p, 0 to 1; null for null
--
-- Within 10 % of scipy.stats.ks_2samp(method='asymp') from 1 down to 1e-20 (tests/sql/ks_test.ts).
--
--   select ks_p_value(0.2, 50);   -- 0.0316
create or replace function public.ks_p_value(statistic double precision, effective_n double precision)
returns double precision
language sql
immutable
parallel safe
security invoker
set search_path = ''
as $$
  select case
    when statistic is null or effective_n is null then null
    when lambda.value < 0.04 then 1
    when lambda.value < 1.18 then least(1, 1 - sqrt(2 * pi()) / lambda.value * (
      select sum(exp(greatest(-700, ((2 * k - 1) * pi() / lambda.value) ^ 2 / -8)))
      from generate_series(1, 4) as k
    ))
    else least(1, greatest(0, 2 * (
      select sum((-1) ^ (k - 1) * exp(greatest(-700, -2 * k ^ 2 * lambda.value ^ 2)))
      from generate_series(1, 4) as k
    )))
  end
  from (
    select (sqrt(effective_n) + 0.12 + 0.11 / nullif(sqrt(effective_n), 0)) * statistic as value
  ) as lambda;
$$;

comment on function public.ks_p_value(double precision, double precision) is
  'Asymptotic p of a two-sided Kolmogorov-Smirnov statistic with Stephens'' correction, for an effective sample size.';
