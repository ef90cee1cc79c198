/** Days of readings in the lake, as DuckDB finds them there. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import type postgres from "postgres";
import { archiveDay } from "../../../shared/archive/archive_day.ts";
import { ArchiveError } from "../../../shared/archive/archive_days.ts";
import { archiveTask } from "../../../shared/archive/archive_task.ts";
import { storeBatch } from "../../../shared/intake.ts";
import { dayKey } from "../../../shared/lake/keys.ts";
import { type Lake, LakeError, type LakeWriter } from "../../../shared/lake/lake.ts";
import { verifyLake } from "../../../shared/lake/verify.ts";
import { VALUE_COLUMNS } from "../../../shared/sensors.ts";
import {
  archiveAll,
  BATCH,
  daysOf,
  lakeFolder,
  LATER,
  manyReadings,
  type StoredReading,
  storeReadings,
} from "../../support/archived.ts";
import { hasPostgres15, testDatabase } from "../../support/database.ts";
import { duckdb } from "../../support/duckdb.ts";
import { candidates, readings } from "../../support/readings.ts";
import { s3Server } from "../../support/s3_server.ts";

/** Three days, the second with late evening and first moment of the third. */
const DAYS: StoredReading[] = [
  { engine: "B", cycle: 1, timestamp: "2024-01-31T00:00:00Z" },
  { engine: "A", cycle: 2, timestamp: "2024-01-31T23:59:59.999999Z" },
  { engine: "A", cycle: 1, timestamp: "2024-01-31T00:00:00.000001Z" },
  { engine: "A", cycle: 3, timestamp: "2024-02-01T00:00:00Z", batch: "00000000-0000-4000-8000-000000000002" },
  { engine: "B", cycle: 2, timestamp: "2024-02-03T12:00:00Z" },
];

/** What the listing says, and what the database is asked about it. */
async function listing(sql: postgres.Sql) {
  return await sql`
    select object.day::text, object.row_count::integer as rows, object.day_version = days.version as current,
      object.row_digest = digest.digest and object.row_count = digest.row_count as same
    from lake_objects as object
    left join sensor_data_days as days using (day)
    cross join lateral sensor_data_digest(object.day) as digest
    where kind = 'sensor_data' order by object.day`;
}

const NOTHING = { written: 0, unchanged: 0, empty: 0, rows: 0, bytes: 0, left: [] };

async function toArchive(sql: postgres.Sql): Promise<string[]> {
  await sql`select roll_up_readings()`;
  return (await sql`select day::text from days_to_archive(${LATER})`).map(({ day }) => day);
}

for (const version of [17, 15] as const) {
  Deno.test({
    name: `each day becomes one file, with the rows, types and times of Postgres (Postgres ${version})`,
    ignore: version === 15 && !hasPostgres15,
    async fn() {
      await using db = await testDatabase({ version });
      await using home = await lakeFolder();
      const { sql } = db;
      await storeReadings(sql, DAYS);
      const report = await archiveAll(sql, home.lake);
      assert.deepEqual({ ...report, bytes: 0 }, { ...NOTHING, written: 3, rows: 5 });
      assert.deepEqual(
        (await listing(sql)).map((row) => ({ ...row })),
        [["2024-01-31", 3], ["2024-02-01", 1], ["2024-02-03", 1]].map(([day, rows]) => ({
          day,
          rows,
          current: true,
          same: true,
        })),
      );

      const path = join(home.path, dayKey("2024-01-31"));
      const rows = await duckdb(
        `select engine_id, cycle, timestamp, s21, batch_id, created_at from '${path}'`,
      );
      const common = { batch_id: BATCH, created_at: "2024-06-01 00:00:00+00" };
      assert.deepEqual(rows, [ // in the order of the file
        { engine_id: "A", cycle: 1, timestamp: "2024-01-31 00:00:00.000001+00", s21: 16.25, ...common },
        { engine_id: "A", cycle: 2, timestamp: "2024-01-31 23:59:59.999999+00", s21: 16.5, ...common },
        { engine_id: "B", cycle: 1, timestamp: "2024-01-31 00:00:00+00", s21: 16.25, ...common },
      ]);
      const types = await duckdb(
        `select column_name, column_type from (describe from read_parquet('${path}', hive_partitioning = false))`,
      );
      assert.deepEqual(Object.fromEntries(types.map((row) => [row.column_name, row.column_type])), {
        engine_id: "VARCHAR",
        cycle: "INTEGER",
        timestamp: "TIMESTAMP WITH TIME ZONE",
        ...Object.fromEntries(VALUE_COLUMNS.map((name) => [name, "FLOAT"])),
        batch_id: "UUID",
        created_at: "TIMESTAMP WITH TIME ZONE",
      });
    },
  });
}

Deno.test("sums and counts of all days are those of Postgres, with nulls and what is not a number", async () => {
  await using db = await testDatabase();
  await using home = await lakeFolder();
  const { sql } = db;
  const odd = ["NaN", "Infinity", "-Infinity", null, "-0", "1e-45"];
  await storeReadings(
    sql,
    Array.from({ length: 3000 }, (_, i) => ({
      engine: `ENGINE_${i % 7}`,
      cycle: i + 1,
      timestamp: new Date(Date.UTC(2024, 1, 27) + i * 173_000).toISOString(),
      values: VALUE_COLUMNS.map((_, column) =>
        (i + column) % 50 === 0 ? odd[i % 6] : Math.fround(i / 7 + column)
      ),
      batch: `00000000-0000-4000-8000-00000000000${i % 3}`,
    })),
  );
  await archiveAll(sql, home.lake);
  // the sum of floats depends on their order; of whole numbers it does not
  const measure = (digits: string, isFinite: (column: string) => string) =>
    VALUE_COLUMNS.flatMap((name) => [
      `count(${name})::integer as count_${name}`,
      `(sum(${digits.replaceAll("?", name)}) filter (where ${isFinite(name)}))::varchar as sum_${name}`,
      `(count(*) filter (where ${name} = 'NaN'))::integer as nan_${name}`,
      `(count(*) filter (where ${name} = 'Infinity'))::integer as infinite_${name}`,
    ]).join(", ");
  const [lake] = await duckdb(`
    select count(*)::integer as rows, count(distinct engine_id)::integer as engines, count(distinct day)::integer as days,
      max(timestamp)::varchar as last, ${
    measure("floor(case when isfinite(?) then ?::double end * 65536)::hugeint", (c) => `isfinite(${c})`)
  }
    from ${daysOf(home.path)}`);
  const [stored] = await sql.unsafe(`
    select count(*)::integer as rows, count(distinct engine_id)::integer as engines,
      count(distinct ("timestamp" at time zone 'UTC')::date)::integer as days, max("timestamp")::varchar as last,
      ${
    measure("floor(?::double precision * 65536)::numeric", (c) =>
      `${c} not in ('NaN', 'Infinity', '-Infinity')`)
  } from sensor_data`);
  assert.equal(lake.rows, 3000);
  assert.deepEqual(lake, { ...stored, last: lake.last });
  const batches = await sql`
    select day::text, batch_id, lake_object_batches.row_count::integer from lake_object_batches join lake_objects using (key)
    order by day, batch_id`;
  const counted = await sql`
    select ("timestamp" at time zone 'UTC')::date::text as day, batch_id, count(*)::integer as row_count
    from sensor_data group by 1, 2 order by 1, 2`;
  assert.deepEqual(batches.map((row) => ({ ...row })), counted.map((row) => ({ ...row })));
});

Deno.test("a reader that asks for a day reads its file alone, and for an engine the groups that can have it", async () => {
  await using db = await testDatabase();
  await using home = await lakeFolder();
  await storeReadings(db.sql, DAYS);
  await archiveAll(db.sql, home.lake);
  const files = async (where: string) => {
    const [plan] = await duckdb(`explain analyze select sum(s2) from ${daysOf(home.path)} where ${where}`);
    return /Scanning Files: (\S+)|Total Files Read: (\d+)/.exec(String(plan.explain_value))?.slice(1).join(
      "",
    );
  };
  assert.equal(await files("year = 2024 and month = 2 and day = 3"), "1/3");
  const [plan] = await duckdb(`explain select sum(s2) from ${daysOf(home.path)} where month = 1`);
  assert.match(String(plan.explain_value), /1\/3/);
  const [{ sorted }] = await duckdb(`
    select bool_and(stats_min_value <= stats_max_value) as sorted
    from parquet_metadata('${join(home.path, dayKey("2024-01-31"))}') where path_in_schema = 'engine_id'`);
  assert.equal(sorted, true);
});

Deno.test("the footer says which day it is, what its columns mean and how its rows are sorted", async () => {
  await using db = await testDatabase();
  await using home = await lakeFolder();
  await storeReadings(db.sql, DAYS);
  await archiveAll(db.sql, home.lake);
  const path = join(home.path, dayKey("2024-01-31"));
  const pairs = await duckdb(
    `select decode(key) as key, decode(value) as value from parquet_kv_metadata('${path}')`,
  );
  const metadata = Object.fromEntries(pairs.map(({ key, value }) => [key, String(value)]));
  const { "spool.columns": columns, "spool.digest": digest, ...rest } = metadata;
  assert.deepEqual(rest, {
    "spool.schema_version": "1",
    "spool.day": "2024-01-31",
    "spool.day_version": "1",
    "spool.row_count": "3",
  });
  const [expected] = await db.sql`select digest from sensor_data_digest('2024-01-31')`;
  assert.equal(digest, expected.digest);
  assert.equal(JSON.parse(columns).s2, "T24, total temperature at LPC outlet, degrees Rankine.");
  assert.equal(Object.keys(JSON.parse(columns)).length, 5 + VALUE_COLUMNS.length);
});

Deno.test("late rows, changes and deletions make the day be written again, and nothing else does", async () => {
  await using db = await testDatabase();
  await using home = await lakeFolder();
  const { sql } = db;
  await storeReadings(sql, DAYS);
  const archive = async () => ({ ...await archiveAll(sql, home.lake), bytes: 0 });
  const days = async () =>
    (await duckdb(
      `select count(*)::integer as n, sum(s2) as s2 from ${
        daysOf(home.path)
      } group by month, day order by month, day`,
    ))
      .map(({ n, s2 }) => [n, s2]);
  assert.deepEqual(await archive(), { ...NOTHING, written: 3, rows: 5 });
  assert.deepEqual(await archive(), NOTHING);
  assert.deepEqual(await days(), [[3, 10], [1, 3.75], [1, 3.5]]);

  await storeReadings(sql, [{ engine: "C", cycle: 1, timestamp: "2024-01-31T05:00:00Z" }]);
  assert.deepEqual(await toArchive(sql), ["2024-01-31"]);
  assert.deepEqual(await archive(), { ...NOTHING, written: 1, rows: 4 });
  await sql`update sensor_data set s2 = 100 where cycle = 3`;
  assert.deepEqual(await archive(), { ...NOTHING, written: 1, rows: 1 });
  await sql`delete from sensor_data using engines where engine_id = engines.id and unit_number = 'C'`;
  assert.deepEqual(await archive(), { ...NOTHING, written: 1, rows: 3 });
  assert.deepEqual(await days(), [[3, 10], [1, 100], [1, 3.5]]);

  // the same again is no change of content: the object is kept, and takes over the version
  const [before] =
    await sql`select written_at, sha256, day_version from lake_objects where day = '2024-02-01'`;
  await sql`update sensor_data set s2 = 100 where cycle = 3`;
  assert.deepEqual(await toArchive(sql), ["2024-02-01"]);
  assert.deepEqual(await archive(), { ...NOTHING, unchanged: 1 });
  const [after] =
    await sql`select written_at, sha256, day_version from lake_objects where day = '2024-02-01'`;
  assert.deepEqual({ ...after }, { ...before, day_version: String(Number(before.day_version) + 1) });
  assert.deepEqual(await toArchive(sql), []);
  assert.deepEqual((await listing(sql)).map(({ current, same }) => current && same), [true, true, true]);

  // only what is asked for, also when nothing has changed
  assert.deepEqual(
    await archiveAll(sql, home.lake, { from: "2024-02-01", to: "2024-02-02", force: true })
      .then(({ written, rows }) => ({ written, rows })),
    { written: 1, rows: 1 },
  );
  await sql`update sensor_data set s2 = 5`;
  assert.equal((await archiveAll(sql, home.lake, { to: "2024-01-31" })).written, 1);
  assert.equal((await archiveAll(sql, home.lake, { from: "2024-02-02" })).written, 1);
  assert.deepEqual(await toArchive(sql), ["2024-02-01"]);
});

Deno.test("what is gone from the lake, or was found broken, is written again", async () => {
  await using db = await testDatabase();
  await using home = await lakeFolder();
  const { sql } = db;
  await storeReadings(sql, DAYS);
  await archiveAll(sql, home.lake);
  // the readings are written again unchanged, but the object is not there
  await home.lake.remove(dayKey("2024-02-01"));
  await sql`update sensor_data set s2 = s2 where cycle = 3`;
  assert.equal((await archiveAll(sql, home.lake)).written, 1);

  const path = join(home.path, dayKey("2024-01-31"));
  const bytes = await Deno.readFile(path);
  bytes[100] ^= 1;
  await Deno.writeFile(path, bytes);
  assert.deepEqual(await toArchive(sql), []);
  const { faulty } = await verifyLake(sql, home.lake);
  assert.equal(faulty, 1);
  assert.deepEqual(await toArchive(sql), ["2024-01-31"]);
  assert.equal((await archiveAll(sql, home.lake)).written, 1);
  await verifyLake(sql, home.lake);
  const faults = await sql`select from lake_objects where fault is not null`;
  assert.equal(faults.length, 0);
  assert.equal(
    createHash("sha256").update(await Deno.readFile(path)).digest("hex"),
    (await sql`select sha256 from lake_objects where day = '2024-01-31'`)[0].sha256,
  );
});

Deno.test("a day is not archived while it is open, nor one that has not begun", async () => {
  await using db = await testDatabase();
  await using home = await lakeFolder();
  const { sql } = db;
  await storeReadings(sql, DAYS);
  const until = async (time: string) =>
    (await archiveAll(sql, home.lake, { asOf: new Date(time), force: true })).written;
  assert.equal(await until("2024-01-31T23:59:59.999Z"), 0);
  assert.equal(await until("2024-02-01T00:00:00Z"), 1);
  assert.equal(await until("2024-02-03T23:59:59Z"), 2);
});

Deno.test("an emptied day never takes the place of what the lake has of it, and later readings are archived", async () => {
  await using db = await testDatabase();
  await using home = await lakeFolder();
  const { sql } = db;
  await storeReadings(sql, DAYS);
  await archiveAll(sql, home.lake);
  const path = join(home.path, dayKey("2024-01-31"));
  const before = await Deno.readFile(path);

  await sql`delete from sensor_data where "timestamp" < '2024-02-01'`;
  assert.deepEqual(await archiveAll(sql, home.lake), { ...NOTHING, empty: 1 });
  assert.deepEqual(await archiveAll(sql, home.lake), NOTHING);
  assert.deepEqual(await Deno.readFile(path), before);
  // nor by force, nor when the partition is emptied
  await sql`truncate partitions.sensor_data_2024_02`;
  const forced = await archiveAll(sql, home.lake, { force: true });
  assert.deepEqual(forced, { ...NOTHING, empty: 2 });
  assert.equal((await duckdb(`select count(*)::integer as n from ${daysOf(home.path)}`))[0].n, 5);
  assert.equal((await sql`select from sensor_data_days`).length, 0);

  // its version goes on from what the lake has, or the new readings would be taken for archived
  await storeReadings(sql, [{ engine: "B", cycle: 9, timestamp: "2024-01-31T10:00:00Z" }]);
  assert.deepEqual({ ...await archiveAll(sql, home.lake), bytes: 0 }, { ...NOTHING, written: 1, rows: 1 });
});

Deno.test("a day whose readings have left Postgres is never written again, not even by force", async () => {
  await using db = await testDatabase();
  await using home = await lakeFolder();
  const { sql } = db;
  await storeReadings(sql, DAYS);
  await archiveAll(sql, home.lake);
  await sql`update sensor_data_days set retired_at = now() where day = '2024-01-31'`;
  await sql`delete from sensor_data where "timestamp" < '2024-02-01'`;
  await storeReadings(sql, [{ engine: "B", cycle: 9, timestamp: "2024-01-31T10:00:00Z" }]);
  assert.deepEqual(await archiveAll(sql, home.lake), NOTHING);
  assert.equal((await archiveAll(sql, home.lake, { force: true })).written, 2);
  assert.deepEqual(await archiveDay(sql, home.lake, "2024-01-31", { force: true }), {
    day: "2024-01-31",
    outcome: "empty",
  });
  assert.equal(
    (await duckdb(`select count(*)::integer as n from '${join(home.path, dayKey("2024-01-31"))}'`))[0].n,
    3,
  );
});

Deno.test("S3 holds the same bytes as a folder", async () => {
  await using db = await testDatabase();
  await using home = await lakeFolder();
  await using server = await s3Server();
  const { sql } = db;
  await storeReadings(sql, DAYS);
  await archiveAll(sql, home.lake);
  await archiveAll(sql, server.lake(), { force: true });
  const keys: string[] = [];
  for await (const { key } of server.lake().list("processed/")) keys.push(key);
  assert.deepEqual(keys, ["2024-01-31", "2024-02-01", "2024-02-03"].map(dayKey));
  for (const key of keys) assert.deepEqual(await server.lake().read(key), await home.lake.read(key));
});

Deno.test("lineage tells what was read, what was made of it and what failed", async () => {
  await using db = await testDatabase();
  await using home = await lakeFolder();
  const { sql } = db;
  await storeReadings(sql, DAYS.slice(0, 3));
  const broken = brokenLake(home.lake, () => new LakeError("Cannot write: the disk is full", false));
  await assert.rejects(archiveAll(sql, broken), ArchiveError);
  assert.equal(await home.lake.stat(dayKey("2024-01-31")), undefined);
  await archiveAll(sql, home.lake);
  const events =
    await sql`select event_type, inputs, outputs, run_facets, run_id from lineage_events order by id`;
  assert.deepEqual(events.map(({ event_type }) => event_type), ["START", "FAIL", "START", "COMPLETE"]);
  assert.equal(events[1].run_facets.errorMessage.message, "Cannot write: the disk is full");
  const complete = events[3];
  assert.deepEqual(complete.inputs, [
    { namespace: "postgres", name: "public.sensor_data", inputFacets: { inputStatistics: { rowCount: 3 } } },
  ]);
  const [output] = complete.outputs;
  assert.equal(output.name, dayKey("2024-01-31"));
  assert.equal(output.namespace, home.lake.url);
  const [object] = await sql`select bytes::integer, written_by from lake_objects`;
  assert.deepEqual(output.outputFacets, {
    outputStatistics: { rowCount: 3, size: object.bytes, fileCount: 1 },
  });
  assert.equal(output.facets.schema.fields.length, 5 + VALUE_COLUMNS.length);
  assert.deepEqual(complete.run_facets, { spool_archive: { day: "2024-01-31", version: 1 } });
  assert.equal(object.written_by, complete.run_id);
});

/** A lake whose writers are others. */
function writingLake(lake: Lake, change: (writer: LakeWriter, key: string) => LakeWriter): Lake {
  return {
    url: lake.url,
    put: (key, content) => lake.put(key, content),
    read: (key) => lake.read(key),
    stream: (key) => lake.stream(key),
    stat: (key) => lake.stat(key),
    list: (prefix) => lake.list(prefix),
    remove: (key) => lake.remove(key),
    async create(key) {
      const writer = await lake.create(key);
      return change({
        write: (chunk) => writer.write(chunk),
        commit: () => writer.commit(),
        abort: () => writer.abort(),
      }, key);
    },
  };
}

/** A lake that fails when what is written should become visible. */
function brokenLake(lake: Lake, fault: (key: string) => Error | undefined): Lake {
  return writingLake(lake, (writer, key) => {
    const error = fault(key);
    return error ? { ...writer, commit: () => Promise.reject(error) } : writer;
  });
}

Deno.test("one day that cannot be archived does not hold up the others; a lake that is away holds up all", async () => {
  await using db = await testDatabase();
  await using home = await lakeFolder();
  const { sql } = db;
  await storeReadings(sql, DAYS);
  const first = (transient: boolean) => (key: string) =>
    key === dayKey("2024-01-31") ? new LakeError("no", transient) : undefined;
  await assert.rejects(archiveAll(sql, brokenLake(home.lake, first(true))), {
    name: "LakeError",
    message: "no",
  });
  assert.equal((await toArchive(sql)).length, 3);
  await assert.rejects(archiveAll(sql, brokenLake(home.lake, first(false))), (error: ArchiveError) => {
    assert.equal(error.message, "Cannot archive 2024-01-31: no");
    assert.equal(error.report.written, 2);
    return true;
  });
  assert.deepEqual(await toArchive(sql), ["2024-01-31"]);
});

Deno.test("a session that dies while it is copied from is noticed, and nothing is written", async () => {
  await using db = await testDatabase();
  await using home = await lakeFolder();
  const { sql } = db;
  await manyReadings(sql, 150_000);
  let groups = 0;
  const killed = archiveAll(sql, home.lake, {
    onRows: async () => {
      if (++groups > 1) return;
      await sql`
        select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and query like '%to stdout%' and pid <> pg_backend_pid()`;
    },
  });
  await assert.rejects(killed);
  assert.equal(await home.lake.stat(dayKey("2024-01-31")), undefined);
  assert.equal((await archiveAll(sql, home.lake)).rows, 150_000);
});

Deno.test("while one session archives a day, others leave it alone: what they would list is not what would be there", async () => {
  await using db = await testDatabase();
  await using home = await lakeFolder();
  const { sql } = db;
  await storeReadings(sql, DAYS.slice(0, 1));
  await sql`select roll_up_readings()`;
  const visible = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const slow = writingLake(home.lake, (writer) => ({
    ...writer,
    async commit() {
      const written = await writer.commit();
      visible.resolve();
      await goOn.promise; // before it is listed
      return written;
    },
  }));
  const day = "2024-01-31";
  const first = archiveDay(sql, slow, day);
  await visible.promise;
  await storeReadings(sql, DAYS.slice(1, 3));
  await sql`select roll_up_readings()`;
  const second = await archiveDay(sql, home.lake, day);
  goOn.resolve();
  assert.deepEqual([second.outcome, (await first).outcome], ["busy", "written"]);
  const [{ sha256 }] = await sql`select sha256 from lake_objects`;
  assert.equal(createHash("sha256").update(await home.lake.read(dayKey(day))).digest("hex"), sha256);
  assert.deepEqual(await toArchive(sql), [day]);
});

Deno.test("two archivers at once: one writes each day, and what is listed is what is there", async () => {
  await using db = await testDatabase({ connections: 12 });
  await using home = await lakeFolder();
  const { sql } = db;
  await storeReadings(sql, DAYS);
  for (let round = 0; round < 6; round++) {
    await storeReadings(sql, [{ engine: "Z", cycle: round + 1, timestamp: `2024-01-31T0${round}:30:00Z` }]);
    const reports = await Promise.all(
      [1, 2, 3].map(() => archiveAll(sql, home.lake, { force: round % 2 === 0 })),
    );
    assert.ok(reports.reduce((sum, { written }) => sum + written, 0) >= 1);
    const listed = await sql`select key, sha256 from lake_objects where kind = 'sensor_data'`;
    for (const { key, sha256 } of listed) {
      assert.equal(createHash("sha256").update(await home.lake.read(key)).digest("hex"), sha256);
    }
    await archiveAll(sql, home.lake);
    assert.deepEqual(await toArchive(sql), []);
    assert.ok((await listing(sql)).every(({ current, same }) => current && same));
  }
});

Deno.test("a reader never sees half a file while days are written again and again", async () => {
  await using db = await testDatabase();
  await using home = await lakeFolder();
  const { sql } = db;
  await manyReadings(sql, 30_000);
  await archiveAll(sql, home.lake);
  let writing = true;
  const write = async () => {
    for (let i = 0; i < 8; i++) await archiveAll(sql, home.lake, { force: true });
    writing = false;
  };
  const read = async () => {
    let reads = 0;
    while (writing) {
      const [{ n, sum }] = await duckdb(
        `select count(*)::integer as n, sum(cycle)::integer as sum from ${daysOf(home.path)}`,
      );
      assert.deepEqual([n, sum], [30_000, 450_015_000]);
      reads++;
    }
    return reads;
  };
  const [, reads] = await Promise.all([write(), read()]);
  assert.ok(reads > 3);
});

Deno.test("real batches are found in the file that holds their readings", async () => {
  await using db = await testDatabase();
  await using home = await lakeFolder();
  const { sql } = db;
  const { batchId } = await storeBatch(sql, { source: "ingest", reference: null }, candidates(readings(3)));
  await archiveAll(sql, home.lake);
  const found = await sql`
    select day::text, lake_object_batches.row_count::integer as n
    from batches join lake_object_batches on batch_id = batches.id join lake_objects using (key)
    where batches.id = ${batchId} order by day`;
  assert.deepEqual(found.map(({ day, n }) => [day, n]), [["2024-01-01", 1], ["2024-01-02", 1], [
    "2024-01-03",
    1,
  ]]);
});

Deno.test("the worker's task does as much as it may, comes back for the rest, and says what it leaves to the command", async () => {
  await using db = await testDatabase();
  await using home = await lakeFolder();
  const { sql } = db;
  await storeReadings(
    sql,
    Array.from({ length: 90 }, (_, i) => ({
      engine: "A",
      cycle: i + 1,
      timestamp: new Date(Date.UTC(2024, 1, 1 + i)).toISOString(),
    })),
  );
  const never = new AbortController().signal;
  const task = () => archiveTask(sql, home.lake, LATER, never, { rows: 60_000, rowsPerDay: 1000 });
  await assert.rejects(
    task(),
    (error: LakeError) => error.transient && /31 are left, from 2024-03-31/.test(error.message),
  );
  assert.deepEqual(await task().then((done) => ({ ...done as object, bytes: 0 })), {
    written: 31,
    unchanged: 0,
    empty: 0,
    rows: 31,
    bytes: 0,
    busy: 0,
  });
  await manyReadings(sql, 70_000);
  assert.deepEqual(await task(), {
    written: 0,
    unchanged: 0,
    empty: 0,
    rows: 0,
    bytes: 0,
    busy: 0,
    too_large: [{ day: "2024-01-31", rows: 70_000 }],
    advice: "1 of the days have more readings than a function can archive: use deno task export archive",
  });
  // and somebody is told
  const late = async (hours: number) => {
    await sql`select watch_jobs(${new Date(LATER.getTime() + hours * 3_600_000)})`;
    return (await sql`select summary from alerts where kind = 'lake' and resolved_at is null`).map((
      { summary },
    ) => summary);
  };
  assert.deepEqual(await late(0), [
    "1 days are not in the lake as they are now, two days after their end; the first is 2024-01-31",
  ]);
  await archiveAll(sql, home.lake);
  await late(1);
  assert.deepEqual(await late(2), []);
});
