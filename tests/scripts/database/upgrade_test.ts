/** Databases of earlier releases, with readings in them, brought up to date. */

import assert from "node:assert/strict";
import { migrate, migrations } from "../../../scripts/database/migrations.ts";
import { applyPlatform } from "../../../scripts/local/platform.ts";
import { hasPostgres15, testDatabase } from "../../support/database.ts";
import { simulatedFleet } from "../../support/simulated_fleet.ts";

const HOURS = 300;

/** Every migration but the newest ended a release. */
const RELEASES = (await migrations()).slice(0, -1);

const CASES = RELEASES.flatMap((release, place) =>
  ([17, 15] as const).map((version) => ({ release, place, version }))
);

for (const { release, place, version } of CASES) {
  Deno.test({
    name: `readings of the release ${release.version} are kept, and judged at once (Postgres ${version})`,
    ignore: version === 15 && !hasPostgres15,
    async fn() {
      await using db = await testDatabase({ version, empty: true });
      const { sql } = db;
      await applyPlatform(sql);
      await sql`create schema supabase_migrations`;
      await sql`
        create table supabase_migrations.schema_migrations (
          version text not null primary key, statements text[], name text
        )`;
      for (const { version, text } of RELEASES.slice(0, place + 1)) {
        await sql.begin((tx) => tx.unsafe(text));
        await sql`insert into supabase_migrations.schema_migrations (version) values (${version})`;
      }

      const startMs = Date.now() - HOURS * 3_600_000;
      const readings = simulatedFleet({ engines: 4, hours: HOURS, startMs, seed: 3 });
      await sql`select create_sensor_data_partitions(array[now(), ${new Date(startMs)}])`;
      await sql`insert into engines (unit_number) select 'SIM_0' || n from generate_series(1, 4) as n`;
      const rows = readings.map(({ engine_id: unit_number, ...reading }) => ({ unit_number, ...reading }));
      await sql`
        insert into sensor_data
        select engines.id, reading.cycle, reading."timestamp", altitude, mach_number, tra, s2, s3, s4, s7, s8, s9,
          s11, s12, s13, s14, s15, s17, s20, s21, gen_random_uuid()
        from json_to_recordset(${JSON.stringify(rows)}::text::json) as reading (
          unit_number text, cycle integer, "timestamp" timestamptz, altitude real, mach_number real, tra real,
          s2 real, s3 real, s4 real, s7 real, s8 real, s9 real, s11 real, s12 real, s13 real, s14 real, s15 real,
          s17 real, s20 real, s21 real
        )
        join engines using (unit_number)`;

      await sql`
        insert into dead_letters (batch_id, source, position, payload, payload_digest, path, reason)
        values (gen_random_uuid(), 'ingest', 0, '{"s2": "hot"}', md5('{"s2": "hot"}'), 's2', 'Too hot')`;

      // a release that has days keeps them by its hourly run; of others the upgrade looks for them
      const [{ days: keeps }] = await sql`select to_regclass('public.sensor_data_days') is not null as days`;
      if (keeps) await sql`select roll_up_readings()`;

      // how long history is kept was a setting once
      const [{ settable }] = await sql`
        select exists (
          select from pg_attribute
          where attrelid = to_regclass('public.quality_settings') and attname = 'metrics_kept'
        ) as settable`;
      if (settable) await sql`update quality_settings set metrics_kept = '200 days'`;
      const [{ receipts }] = await sql`
        select exists (
          select from pg_attribute
          where attrelid = to_regclass('public.intake_settings') and attname = 'receipts_kept'
        ) as receipts`;
      if (receipts) await sql`update intake_settings set receipts_kept = '30 hours'`;

      assert.equal((await migrate(sql)).length, RELEASES.length - place);
      const kept = await sql`
        select name, retention_days from data_assets
        where name in ('alerts', 'check_runs', 'delivery_receipts', 'pipeline_runs') order by name`;
      assert.deepEqual(kept.map(({ retention_days }) => retention_days), [
        settable ? 200 : 90,
        settable ? 200 : 90,
        receipts ? 2 : 3,
        settable ? 200 : 90,
      ]);
      const [letter] = await sql`select payload::text, reason from dead_letters`;
      assert.deepEqual({ ...letter }, { payload: '{"s2": "hot"}', reason: "Too hot" });
      const [{ count }] = await sql`select count(*)::integer from sensor_data`;
      assert.equal(count, readings.length);
      // each day of what was there is to be archived, and no other
      const days = await sql`select day::text, version::integer from sensor_data_days order by day`;
      const expected = await sql`
        select distinct ("timestamp" at time zone 'UTC')::date::text as day, 1 as version from sensor_data order by 1`;
      assert.deepEqual(days, expected);
      const verdicts = await sql`
        select distinct metric_name from run_checks() where status <> 'pass' order by metric_name`;
      // nothing has arrived through the intake, and no cohorts are named
      assert.deepEqual(verdicts.map((row) => row.metric_name), ["fleet_drift", "rejected"]);
      const learned = await sql`select from engine_baselines where complete`;
      assert.equal(learned.length, 4);

      // what was there before is watched, too
      await sql`update sensor_data set s4 = 9999 where cycle = ${HOURS - 5}`;
      const [changed] = await sql`
        select ("timestamp" at time zone 'UTC')::date::text as day from sensor_data where cycle = ${
        HOURS - 5
      } limit 1`;
      const found = await sql`select metric_name from run_checks() where status = 'fail'`;
      assert.deepEqual(found.map((row) => row.metric_name), ["range"]);
      const raised = await sql`
        select day::text from sensor_data_days where version > (select min(version) from sensor_data_days)`;
      assert.deepEqual(raised.map(({ day }) => day), [changed.day]);
    },
  });
}
