-- Writes down that an object of the lake was read back, and what was found.
--
--   key      the object
--   sha256   its checksum as it was listed when it was looked up; when it has been listed anew since, nothing is noted
--   fault    what does not fit: missing, other size, …; null when it is as it is listed
--   returns  whether it was noted
--
--   select note_lake_verification('quality/reports/2024-01-31.json', repeat('0', 64), null);
create or replace function public.note_lake_verification(
  key text,
  sha256 text,
  fault text,
  as_of timestamptz default now()
)
returns boolean
language sql
volatile
security invoker
set search_path = ''
as $$
  with noted as (
    update public.lake_objects as objects
    set
      verified_at = case when note_lake_verification.fault is null then as_of end,
      fault = note_lake_verification.fault
    where objects.key = note_lake_verification.key and objects.sha256 = note_lake_verification.sha256
    returning 1
  )
  select exists (select from noted);
$$;

comment on function public.note_lake_verification(text, text, text, timestamptz) is
  'Notes what reading an object of the lake back has found, unless it has been listed anew meanwhile; whether it was noted.';
