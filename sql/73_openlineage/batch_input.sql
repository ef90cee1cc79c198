-- What a batch was made of, as an OpenLineage dataset: its reference, taken apart. Names are as OpenLineage's naming
-- says (openlineage.io/docs/spec/naming): files have the namespace file, what AWS names has the first five parts of its
-- ARN as namespace. What no name of a dataset can say, which lines or which records, is in the facet spool_part.
--
--   source, reference  of public.batches
--   returns            {"namespace": "file", "name": "train_FD001.txt", "inputFacets": {"spool_part": {"lines": [1, 2000]}}}
--
-- A request to /ingest or /kinesis that named neither itself nor a stream is known by its batch alone, whose identifier
-- its sender was answered.
--
--   select batch_input('load', 'train_FD001.txt lines 1-2000');
create or replace function public.batch_input(source text, reference text)
returns jsonb
language sql
immutable
security invoker
set search_path = ''
as $$
  select jsonb_strip_nulls(jsonb_build_object(
    'namespace', named.namespace,
    'name', named.name,
    'inputFacets', case when named.part <> '{}' then jsonb_build_object('spool_part', named.part) end
  ))
  from (
    select
      regexp_match(reference, '^(.+) lines (\d+)-(\d+)$') as lines,
      regexp_match(reference, '^(arn:[^: ]*:[^: ]*:[^: ]*:[^: ]*):(\S+)(?: (.+))?$') as arn,
      regexp_match(reference, '^dead letters (\d+) to (\d+)$') as letters
  ) as parsed
  cross join lateral (
    select regexp_match(
      case when parsed.arn is null then reference else parsed.arn[3] end, '^(?:(shardId-\d+) )?(\d+)\.\.(\d+)$'
    ) as records
  ) as sequenced
  cross join lateral (
    select
      case
        when source = 'load' and parsed.lines is not null then 'file'
        when source = 'kinesis' and parsed.arn is not null then parsed.arn[1]
        when source = 'replay' then 'postgres'
        else 'spool'
      end as namespace,
      case
        when source = 'load' and parsed.lines is not null then parsed.lines[1]
        when source = 'kinesis' and parsed.arn is not null then parsed.arn[2]
        when source = 'replay' then 'public.dead_letters'
        else '/' || source
      end as name,
      jsonb_strip_nulls(case
        when source = 'load' and parsed.lines is not null then
          jsonb_build_object('lines', jsonb_build_array(parsed.lines[2]::bigint, parsed.lines[3]::bigint))
        when source = 'replay' and parsed.letters is not null then
          jsonb_build_object('ids', jsonb_build_array(parsed.letters[1]::bigint, parsed.letters[2]::bigint))
        when source = 'kinesis' and sequenced.records is not null then
          jsonb_build_object(
            'shard', sequenced.records[1],
            'sequence_numbers', jsonb_build_array(sequenced.records[2], sequenced.records[3])
          )
        when source = 'kinesis' and parsed.arn is not null then jsonb_build_object('request', parsed.arn[3])
        else jsonb_build_object('request', reference)
      end) as part
  ) as named;
$$;

comment on function public.batch_input(text, text) is
  'What a batch was made of, as an OpenLineage dataset: the file, stream, requests or dead letters that its reference names, and which part of them.';
