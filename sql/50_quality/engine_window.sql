-- A step from one reading of an engine to its next one.
create type public.reading_step as (
  previous_timestamp timestamptz,
  previous_cycle integer,
  "timestamp" timestamptz,
  cycle integer
);

comment on type public.reading_step is 'Step from one reading of an engine to its next one, in order of time.';

-- What a window has of one engine: all that the checks of rows and columns need to know of it, so that a run looks once.
create type public.engine_window as (
  engine_id uuid,
  readings bigint,
  unknown_conditions bigint,
  not_finite bigint,
  nulls bigint[],
  outside bigint[],
  cadence interval,
  steps public.reading_step[],
  longest_delay interval,
  usual_delay interval
);

comment on type public.engine_window is
  'What a window has of one engine: its readings, those that break a rule of rows (nulls and outside by column, in the order of value_columns; null: none), the steps between them that need a look, how long the longest of its readings took to arrive, and how long at most those of three quarters of its hours (null: of fewer than eight hours).';
