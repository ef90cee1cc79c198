/** Which days have changed, and what they hold. */

import assert from "node:assert/strict";
import type postgres from "postgres";
import { VALUE_COLUMNS } from "../../shared/sensors.ts";
import { LATER, type StoredReading, storeReadings } from "../support/archived.ts";
import { hasPostgres15, testDatabase } from "../support/database.ts";
import { connect } from "../../shared/database.ts";

const at = (timestamp: string, engine = "A", cycle = 1): StoredReading => ({ engine, cycle, timestamp });

/** Days and their versions, after all changes have been looked at. */
async function versions(sql: postgres.Sql): Promise<Record<string, number>> {
  await sql`select roll_up_readings()`;
  const rows = await sql`select day::text, version::integer from sensor_data_days order by day`;
  return Object.fromEntries(rows.map(({ day, version }) => [day, version]));
}

async function digest(sql: postgres.Sql, day = "2024-03-01"): Promise<string> {
  const [row] = await sql`select row_count, digest from sensor_data_digest(${day})`;
  return `${row.row_count}: ${row.digest}`;
}

Deno.test("each day that holds readings has a version, which every change of it raises", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  assert.deepEqual(await versions(sql), {});
  await storeReadings(sql, [at("2024-03-01T23:59:59.999999Z"), at("2024-03-02T00:00:00Z", "B")]);
  assert.deepEqual(await versions(sql), { "2024-03-01": 1, "2024-03-02": 1 });
  assert.deepEqual(await versions(sql), { "2024-03-01": 1, "2024-03-02": 1 });
  await storeReadings(sql, [at("2024-03-02T12:00:00Z")]);
  assert.deepEqual(await versions(sql), { "2024-03-01": 1, "2024-03-02": 2 });
  await sql`update sensor_data set s2 = 1 where "timestamp" < '2024-03-02'`;
  await sql`update partitions.sensor_data_2024_03 set s2 = 2 where "timestamp" < '2024-03-02'`;
  assert.deepEqual(await versions(sql), { "2024-03-01": 2, "2024-03-02": 2 });
  await sql`delete from sensor_data where "timestamp" < '2024-03-02'`;
  assert.deepEqual(await versions(sql), { "2024-03-01": 3, "2024-03-02": 2 });
  // a reading that moves to another day changes both
  await sql`update sensor_data set "timestamp" = "timestamp" - interval '1 day' where cycle = 1 and "timestamp" >= '2024-03-02 12:00+00'`;
  assert.deepEqual(await versions(sql), { "2024-03-01": 4, "2024-03-02": 3 });
  await sql`truncate partitions.sensor_data_2024_03`;
  assert.deepEqual(await versions(sql), { "2024-03-01": 5, "2024-03-02": 4 });
});

Deno.test("days between two readings of a batch are not days with readings, whatever the session's time zone", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  await sql.unsafe(`alter database ${new URL(db.url).pathname.slice(1)} set timezone to 'Pacific/Auckland'`);
  const other = connect(db.url, 1);
  await storeReadings(other, [
    at("2024-03-01T00:00:00Z"),
    at("2024-03-28T12:30:00Z", "A", 2),
    at("2024-05-31T23:00:00Z", "A", 3),
  ]);
  assert.deepEqual(await versions(other), { "2024-03-01": 1, "2024-03-28": 1, "2024-05-31": 1 });
  await other.end();
});

Deno.test("days before the rollups begin are noticed, too", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  await sql`select prune_rollups()`;
  await storeReadings(sql, [at("2001-02-03T00:00:00Z")]);
  assert.deepEqual(await versions(sql), { "2001-02-03": 1 });
});

Deno.test("a change of unknown extent raises the days that are known and finds the others", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  await storeReadings(sql, [at("2024-03-01T00:00:00Z")]);
  await versions(sql);
  await sql.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    await tx`insert into sensor_data select engine_id, 9, '2024-03-20', s2, s3, s4, s7, s8, s9, s11, s12, s13, s14, s15, s17,
      s20, s21, s2, s3, s4, batch_id from sensor_data`;
  });
  assert.deepEqual(await versions(sql), { "2024-03-01": 1 });
  await sql`insert into sensor_data_changes (hours) values ('{(,)}')`;
  assert.deepEqual(await versions(sql), { "2024-03-01": 2, "2024-03-20": 1 });
});

Deno.test("days_to_archive gives what is over and has no object of its version, the oldest first", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  await storeReadings(
    sql,
    ["03-05", "03-01", "03-03"].map((day, i) => at(`2024-${day}T01:00:00Z`, "A", i + 1)),
  );
  await versions(sql);
  const days = async (asOf: string | Date, late = 0) =>
    (await sql`select day::text, archived_version::integer from days_to_archive(${asOf}, ${late})`)
      .map(({ day, archived_version }) => `${day} ${archived_version}`);
  assert.deepEqual(await days(LATER), ["2024-03-01 null", "2024-03-03 null", "2024-03-05 null"]);
  assert.deepEqual(await days("2024-03-05T23:59:59Z"), ["2024-03-01 null", "2024-03-03 null"]);
  assert.deepEqual(await days("2024-03-06T00:00:00Z").then((found) => found.length), 3);
  assert.deepEqual(await days("2024-03-05T23:59:59Z", 2), ["2024-03-01 null"]);
  const list = (version: number, fault: string | null = null) =>
    sql`
      insert into lake_objects (key, kind, day, day_version, row_count, row_digest, bytes, sha256, fault)
      values ('x', 'sensor_data', '2024-03-03', ${version}, 1, '', 1, repeat('0', 64), ${fault})
      on conflict (key) do update set day_version = excluded.day_version, fault = excluded.fault`;
  await list(1);
  assert.deepEqual(await days(LATER), ["2024-03-01 null", "2024-03-05 null"]);
  await list(2);
  assert.deepEqual(await days(LATER), ["2024-03-01 null", "2024-03-03 2", "2024-03-05 null"]);
  await list(1, "missing");
  assert.deepEqual(await days(LATER), ["2024-03-01 null", "2024-03-03 null", "2024-03-05 null"]);
});

const SETTINGS = [
  "set timezone to 'Asia/Kathmandu'",
  "set datestyle to 'German'",
  "set extra_float_digits to -15",
  "set bytea_output to escape",
  "set enable_hashjoin to off; set enable_mergejoin to off; set enable_seqscan to off",
  "set max_parallel_workers_per_gather to 0",
];

Deno.test("the digest is that of the readings: the same in every session, order and version of Postgres", async () => {
  const digests = new Set<string>();
  const rows: StoredReading[] = Array.from({ length: 50 }, (_, i) => ({
    engine: `E${i % 3}`,
    cycle: i + 1,
    timestamp: `2024-03-01T10:${String(i).padStart(2, "0")}:00.123456Z`,
    values: VALUE_COLUMNS.map((_, column) =>
      (i + column) % 9 === 0 ? null : Math.fround((i + 1) / (column + 3))
    ),
  }));
  for (const version of hasPostgres15 ? [17, 15] as const : [17] as const) {
    for (const order of [rows, rows.toReversed()]) {
      await using db = await testDatabase({ version });
      // engines have random keys, which are part of what is stored
      await db
        .sql`insert into engines (id, unit_number) select ('00000000-0000-4000-8000-00000000000' || n)::uuid, 'E' || n
        from generate_series(0, 2) as n`;
      for (const row of order) await storeReadings(db.sql, [row]);
      digests.add(await digest(db.sql));
      for (const setting of SETTINGS) {
        const session = connect(db.url, 1);
        await session.unsafe(setting);
        digests.add(await digest(session));
        await session.end();
      }
    }
  }
  assert.equal(digests.size, 1);
  assert.match([...digests][0], /^50: -?\d{15,22} -?\d{15,22}$/);
});

Deno.test("a change of any column of any row changes the digest, and so does a row more or less", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  await storeReadings(sql, Array.from({ length: 5 }, (_, i) => at(`2024-03-01T0${i}:00:00Z`, "A", i + 1)));
  await sql`insert into engines (unit_number) values ('OTHER')`;
  const changes = [
    "engine_id = (select id from engines where unit_number = 'OTHER')",
    "cycle = 77",
    `"timestamp" = "timestamp" + interval '1 microsecond'`,
    ...VALUE_COLUMNS.flatMap((name) => [`${name} = null`, `${name} = ${name} + 0.0001`, `${name} = 'NaN'`]),
    "s2 = s3, s3 = s2",
    "batch_id = '00000000-0000-4000-8000-00000000000f'",
    "created_at = created_at + interval '1 microsecond'",
  ];
  const before = await digest(sql);
  const seen = new Set([before]);
  for (const change of changes) {
    await sql.begin(async (tx) => {
      await tx.unsafe(`update sensor_data set ${change} where cycle = 3`);
      seen.add(await digest(tx as unknown as postgres.Sql));
      await tx`select set_config('spool.undo', '1', true)`;
      throw new Error("undo");
    }).catch((error) => assert.equal(error.message, "undo"));
  }
  assert.equal(seen.size, changes.length + 1);
  assert.equal(await digest(sql), before);
  // values that change places between two rows
  for (const name of VALUE_COLUMNS) {
    await sql`update sensor_data set ${sql(name)} = ${name.length} + cycle where cycle in (1, 2)`;
    const apart = await digest(sql);
    await sql`update sensor_data set ${sql(name)} = ${name.length} + 3 - cycle where cycle in (1, 2)`;
    assert.notEqual(await digest(sql), apart, name);
  }
  await sql`delete from sensor_data`;
  assert.equal(await digest(sql), "0: 0 0");
});
