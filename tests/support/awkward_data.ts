/** A database that is hard to copy: whatever COPY, a driver or a program in between could get wrong. */

import type postgres from "postgres";
import { storeBatch } from "../../shared/intake.ts";
import { candidates, reading } from "./readings.ts";

const TEXTS = [
  `'single' "double" \\ back\\slash \\N \\. \\x41 \\t`,
  "tab\there, newline\nthere, return\rtoo, \v \f \b \u0001 \u007f",
  "\\N",
  "\\.",
  "",
  " ",
  "NULL",
  "Ä ß € 漢字 \u{1f680} e\u0301 \u200b \u2028 \ufeff",
  "x".repeat(300_000),
];

/** Fills a migrated database. */
export async function fillAwkwardly(sql: postgres.Sql): Promise<void> {
  const origin = { source: "ingest", reference: null } as const;
  // several months, several engines, and what cannot be accepted
  await storeBatch(
    sql,
    origin,
    candidates([
      ...["ENGINE_001", "ENGINE_002", "A.b-c:d_e"].flatMap((engine_id) =>
        Array.from({ length: 70 }, (_, i) => reading({ engine_id, cycle: i + 1 }))
      ),
      { engine_id: "ENGINE_001", cycle: "one" },
      { engine_id: 'Ä"\\\n\t\u0000', note: TEXTS },
    ]),
  );
  await storeBatch(sql, { source: "load", reference: TEXTS[0] }, candidates([reading({ cycle: 500 })]));
  await sql`select * from public.run_checks()`;

  await sql`
    update public.sensor_data
    set s2 = '-0', s3 = 'NaN', s4 = 'Infinity', s7 = '-Infinity', s8 = 1e-45, s9 = 3.4028235e38, s11 = 0.1::real + 0.2::real,
      s12 = 16777217, created_at = '-infinity', altitude = null
    where cycle = 7`;
  await sql`update public.sensor_data set created_at = '0044-03-15 12:00:00.000001 BC' where cycle = 8`;
  await sql`update public.sensor_data set created_at = '294000-01-01 00:00:00.999999+00' where cycle = 9`;
  await sql`update public.engines set model = ${TEXTS[0]}, cadence = '1 year -2 months 3 days -04:05:06.789'`;
  await sql`update public.engines set first_operation_date = 'infinity' where unit_number = 'ENGINE_002'`;
  await sql`
    insert into public.sensor_data_changes (engine_ids, hours)
    values (null, '{(,)}'), ('{}', '{}'), (array[gen_random_uuid(), null], '{[2024-01-01,2024-01-02),(2025-01-01,]}')`;
  await sql`
    insert into public.dead_letters (batch_id, source, position, payload, payload_digest, path, reason, records)
    select gen_random_uuid(), 'ingest', position, to_json(text), md5(text), text, text, jsonb_build_array(text, null, 1e300)
    from unnest(${TEXTS}::text[]) with ordinality as texts (text, position)`;
  await sql`
    insert into public.dead_letters (batch_id, source, position, payload, payload_digest, path, reason)
    values (gen_random_uuid(), 'ingest', 0, '{"a" : 1,  "a": "\\u0000", "b": 1e400,\n\t"c": -0.0}', 'x', '', '')`;
  // numbers of an identity that were never used, and rows that are gone
  await sql`select nextval('public.dead_letters_id_seq') from generate_series(1, 100)`;
  await sql`delete from public.dead_letters where id % 3 = 0`;
  await sql`select setval('public.check_runs_id_seq', 9007199254740993)`; // more than a double holds
  await sql`select setval('public.alerts_id_seq', 77, false)`;
}

/** Makes a table of somebody else's, with names and types that Spool has nowhere. */
export async function makeStrangeTable(sql: postgres.Sql): Promise<void> {
  await sql.unsafe(`
    create table public."Ärger ""x""/y" (
      "select" integer generated always as identity primary key,
      "a ""b"" c" text collate "C",
      bytes bytea,
      "number" numeric,
      span interval,
      ranges int4range[],
      ltzs timestamptz[],
      grid integer[][],
      bits bit(5),
      address inet,
      twice integer generated always as ("number"::integer * 2) stored,
      gone integer,
      parent integer references public."Ärger ""x""/y" ("select")
    );
    alter table public."Ärger ""x""/y" drop column gone;
    create table public.no_columns ();
  `);
}

/** Fills it. */
export async function fillStrangeTable(sql: postgres.Sql): Promise<void> {
  await sql.unsafe(`
    insert into public."Ärger ""x""/y" ("a ""b"" c", bytes, "number", span, ranges, ltzs, grid, bits, address, parent)
    values
      (null, null, null, null, null, null, null, null, null, 2),
      (E'\\\\\\n\\t''"', '\\x00ff5c0a', 12, '-1 year +3 days', '{"[1,5)",empty,null,"(,)"}',
        '{infinity,-infinity,null,2024-01-01 00:00:00.123456+05:30}', '{{1,null},{3,4}}', '10101', '::1/128', 1),
      ('', '', '12.340000', 'P0D', '{}', '{}', '[2:3]={7,8}', '00000', '10.0.0.1', 1);
  `);
}
