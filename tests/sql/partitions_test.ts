import assert from "node:assert/strict";
import type postgres from "postgres";
import { connect } from "../../shared/database.ts";
import { storeBatch } from "../../shared/intake.ts";
import { hasPostgres15, testDatabase } from "../support/database.ts";
import { candidates, reading } from "../support/readings.ts";
import { deadlocks, stored, storedMonths } from "../support/stored.ts";

const ORIGIN = { source: "ingest", reference: null } as const;

/** Drops every partition: what the template made ahead depends on today. */
async function dropPartitions(sql: postgres.Sql): Promise<void> {
  for (const month of await storedMonths(sql)) await sql.unsafe(`drop table partitions.sensor_data_${month}`);
}

/** Bounds of each partition as instants in UTC, by month. */
async function bounds(sql: postgres.Sql): Promise<Record<string, [string, string]>> {
  const rows = await sql`
    select right(part.relname, 7) as month, pg_get_expr(part.relpartbound, part.oid) as bound
    from pg_inherits join pg_class as part on part.oid = inhrelid
    where inhparent = 'public.sensor_data'::regclass order by month`;
  return Object.fromEntries(rows.map(({ month, bound }) => {
    const [from, to] = [...bound.matchAll(/'([^']+)'/g)].map(([, text]) =>
      new Date(text.replace(" ", "T").replace(/([+-]\d\d)$/, "$1:00")).toISOString()
    );
    return [month, [from, to]];
  }));
}

async function make(sql: postgres.Sql, months: readonly string[]): Promise<number> {
  const [{ made }] = await sql`
    select create_sensor_data_partitions(${months as string[]}::text[]::timestamptz[]) as made`;
  return made;
}

/** Year and month, `ahead` months after a moment in UTC: `2024_01`. */
function month(of: Date, ahead: number): string {
  return new Date(Date.UTC(of.getUTCFullYear(), of.getUTCMonth() + ahead)).toISOString().slice(0, 7).replace(
    "-",
    "_",
  );
}

/** Waits until so many sessions of this database wait for an advisory lock. */
async function waitForLocks(sql: postgres.Sql, sessions: number): Promise<void> {
  for (;;) {
    const [{ waiting }] = await sql`
      select count(*)::integer as waiting from pg_locks where locktype = 'advisory' and not granted
        and database = (select oid from pg_database where datname = current_database())`;
    if (waiting === sessions) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

for (const version of [17, 15] as const) {
  const test = (name: string, fn: () => Promise<void>) =>
    Deno.test({ name: `${name} (Postgres ${version})`, ignore: version === 15 && !hasPostgres15, fn });
  const database = (connections = 4) => testDatabase({ version, connections });

  test("a new database has this month and the four after it", async () => {
    await using db = await database();
    const [{ now }] = await db.sql`select now()`;
    const [{ last_success_at }] = await db
      .sql`select last_success_at from jobs where name = 'spool-partitions'`;
    assert.ok(now.getTime() - last_success_at.getTime() < 3_600_000);
    assert.deepEqual(
      await storedMonths(db.sql),
      [0, 1, 2, 3, 4].map((ahead) => month(last_success_at, ahead)),
    );
  });

  test("months are made once each, whichever of their moments name them, and how many were made is returned", async () => {
    await using db = await database();
    await dropPartitions(db.sql);

    assert.equal(
      await make(db.sql, ["2024-01-15T12:00:00Z", "2024-01-31T23:59:59.999999Z", "2024-03-01T00:00:00Z"]),
      2,
    );
    assert.equal(await make(db.sql, ["2024-03-31T00:00:00Z", "2024-02-29T00:00:00Z"]), 1);
    assert.equal(await make(db.sql, ["2024-02-01T00:00:00Z"]), 0);
    assert.equal(await make(db.sql, []), 0);
    assert.deepEqual(await storedMonths(db.sql), ["2024_01", "2024_02", "2024_03"]);
  });

  for (const zone of ["UTC", "America/Los_Angeles", "Asia/Kolkata", "Pacific/Kiritimati"]) {
    for (const dateStyle of ["ISO, MDY", "SQL, DMY"]) {
      test(`months begin and end in UTC for a session in ${zone} with DateStyle ${dateStyle}`, async () => {
        await using db = await database(1);
        await dropPartitions(db.sql);
        await db.sql.unsafe(`set timezone = '${zone}'; set datestyle = '${dateStyle}'`);

        await make(db.sql, ["2024-03-31T23:59:59Z", "2023-12-31T23:59:59Z", "2024-10-01T00:00:00Z"]);

        await db.sql.unsafe("set timezone = 'UTC'; set datestyle = 'ISO'");
        assert.deepEqual(await bounds(db.sql), {
          "2023_12": ["2023-12-01T00:00:00.000Z", "2024-01-01T00:00:00.000Z"],
          "2024_03": ["2024-03-01T00:00:00.000Z", "2024-04-01T00:00:00.000Z"],
          "2024_10": ["2024-10-01T00:00:00.000Z", "2024-11-01T00:00:00.000Z"],
        });
      });
    }
  }

  test("the last microsecond of a month and the first of the next lie in their months", async () => {
    await using db = await database();
    await storeBatch(
      db.sql,
      ORIGIN,
      candidates([
        reading({ timestamp: "2024-02-29T23:59:59.999999Z" }),
        reading({ timestamp: "2024-03-01T00:00:00Z" }),
      ]),
    );
    const rows = await db
      .sql`select right(tableoid::regclass::text, 7) as month from sensor_data order by "timestamp"`;
    assert.deepEqual(rows.map((row) => row.month), ["2024_02", "2024_03"]);
  });

  test("the job makes as_of's month and the months ahead, and says so", async () => {
    await using db = await database();
    await dropPartitions(db.sql);

    const [first] = await db
      .sql`select maintain_sensor_data_partitions(as_of => '2023-11-30T23:59:59Z') as said`;
    const [again] = await db
      .sql`select maintain_sensor_data_partitions(as_of => '2023-11-01T00:00:00Z') as said`;
    const [later] = await db.sql`select maintain_sensor_data_partitions(1, '2024-03-01T00:00:00Z') as said`;

    assert.equal(first.said, "5 partitions made, 4 months ahead are ready");
    assert.equal(again.said, "0 partitions made, 4 months ahead are ready");
    assert.equal(later.said, "1 partitions made, 1 months ahead are ready");
    assert.deepEqual(await storedMonths(db.sql), [
      "2023_11",
      "2023_12",
      "2024_01",
      "2024_02",
      "2024_03",
      "2024_04",
    ]);
  });

  test("the job writes down when it started and succeeded, and what it did", async () => {
    await using db = await database();
    await db.sql`update jobs set last_started_at = null, last_success_at = null, last_result = null`;

    const [{ said }] = await db.sql`select maintain_sensor_data_partitions(0) as said`;

    const [job] = await db.sql`
      select last_result, last_started_at <= last_success_at as ordered, now() - last_success_at < '1 minute' as recent
      from jobs where name = 'spool-partitions'`;
    assert.deepEqual({ ...job }, { last_result: said, ordered: true, recent: true });
  });

  test("while another session is at the job it says busy, makes nothing and records no success", async () => {
    await using db = await database();
    await dropPartitions(db.sql);
    await db.sql`update jobs set last_success_at = null`;
    const other = connect(db.url, 1);
    await other`select pg_advisory_lock(hashtext('spool-partitions'))`;

    const [{ said }] = await db.sql`select maintain_sensor_data_partitions() as said`;

    assert.equal(said, "busy: another session is maintaining the partitions");
    assert.deepEqual(await storedMonths(db.sql), []);
    const [job] = await db.sql`select last_success_at from jobs`;
    assert.equal(job.last_success_at, null);

    await other.end();
    const [free] = await db.sql`select maintain_sensor_data_partitions(0) as said`;
    assert.equal(free.said, "1 partitions made, 0 months ahead are ready");
  });

  test("the job refuses to make more than ten years ahead, or less than nothing", async () => {
    await using db = await database();
    for (const ahead of [-1, 121]) {
      await assert.rejects(db.sql`select maintain_sensor_data_partitions(${ahead})`, { code: "22023" });
    }
  });

  test("a month that is no month of the years 1900 to 2999 is refused, and a job without a number too", async () => {
    await using db = await database();
    for (const month of ["infinity", "-infinity", "12345-03-15", "0044-03-15 BC", null]) {
      await assert.rejects(
        db.sql`select create_sensor_data_partitions(array[${month}::text::timestamptz])`,
        {
          code: "22023",
          message: /^Cannot make partitions as months must be times of the years 1900 to 2999/,
        },
      );
    }
    await assert.rejects(db.sql`select maintain_sensor_data_partitions(null)`, { code: "22023" });
  });

  test("the report tells present, gap and missing months apart, from the oldest to those ahead", async () => {
    await using db = await database();
    await dropPartitions(db.sql);
    await make(db.sql, ["2024-01-01T00:00:00Z", "2024-03-01T00:00:00Z", "2024-05-01T00:00:00Z"]);

    const report = await db.sql`
      select to_char(month, 'YYYY-MM-DD') as month, partition_name, state, total_bytes is not null as sized
      from sensor_data_partition_report('2024-03-31T23:59:59Z', 3)`;

    assert.deepEqual(report.map((row) => [row.month, row.partition_name, row.state, row.sized]), [
      ["2024-01-01", "sensor_data_2024_01", "present", true],
      ["2024-02-01", "sensor_data_2024_02", "gap", false],
      ["2024-03-01", "sensor_data_2024_03", "present", true],
      ["2024-04-01", "sensor_data_2024_04", "missing", false],
      ["2024-05-01", "sensor_data_2024_05", "present", true],
      ["2024-06-01", "sensor_data_2024_06", "missing", false],
    ]);
  });

  test("the report of a database without partitions is what is missing, and its month is as_of's in UTC", async () => {
    await using db = await database(1);
    await dropPartitions(db.sql);
    await db.sql`set timezone = 'Pacific/Kiritimati'`;
    const report = await db.sql`
      select partition_name, state from sensor_data_partition_report('2024-03-31T23:59:59Z', 1)`;
    assert.deepEqual(report.map((row) => [row.partition_name, row.state]), [
      ["sensor_data_2024_03", "missing"],
      ["sensor_data_2024_04", "missing"],
    ]);
  });

  test("the report estimates rows only of what was analysed", async () => {
    await using db = await database();
    await dropPartitions(db.sql);
    await storeBatch(db.sql, ORIGIN, candidates([reading(), reading({ cycle: 2 })]));
    const estimate = async () =>
      (await db.sql`select estimated_rows from sensor_data_partition_report('2024-01-01T00:00:00Z', 0)`)[0]
        .estimated_rows;

    assert.equal(await estimate(), null);
    await db.sql`analyze partitions.sensor_data_2024_01`;
    assert.equal(await estimate(), "2");
  });

  test("gaps are filled from the oldest partition to as_of or the newest, and only they", async () => {
    await using db = await database();
    await dropPartitions(db.sql);
    await make(db.sql, ["2023-11-15T00:00:00Z", "2024-02-01T00:00:00Z"]);
    const fill = async (asOf: string) =>
      (await db.sql`select fill_sensor_data_partition_gaps(${asOf}::text::timestamptz) as made`)[0].made;

    assert.equal(await fill("2024-01-10T00:00:00Z"), 2);
    assert.deepEqual(await storedMonths(db.sql), ["2023_11", "2023_12", "2024_01", "2024_02"]);
    assert.equal(await fill("2024-01-10T00:00:00Z"), 0);
    assert.equal(await fill("2024-04-30T23:59:59Z"), 2);
    assert.deepEqual((await storedMonths(db.sql)).slice(4), ["2024_03", "2024_04"]);
  });

  test("a backfill makes the months it needs and no others", async () => {
    await using db = await database();
    await dropPartitions(db.sql);
    await storeBatch(
      db.sql,
      ORIGIN,
      candidates([
        reading({ timestamp: "2003-05-01T00:00:00Z" }),
        reading({ timestamp: "2019-12-31T23:00:00-02:00" }),
      ]),
    );
    assert.deepEqual(await storedMonths(db.sql), ["2003_05", "2020_01"]);
  });

  test("SP001 says what to do when a table with the partition's name is not attached", async () => {
    await using db = await database();
    await storeBatch(db.sql, ORIGIN, candidates([reading()]));
    await db.sql`alter table sensor_data detach partition partitions.sensor_data_2024_01`;

    await assert.rejects(storeBatch(db.sql, ORIGIN, candidates([reading({ cycle: 2 })])), {
      code: "SP001",
      message:
        "Cannot make partition sensor_data_2024_01: a table of that name exists but is not attached to sensor_data",
      hint: "Attach partitions.sensor_data_2024_01 again, or rename or drop it.",
    });
    const counts = await stored(db.sql);
    assert.deepEqual([counts.readings, counts.batches], [0, 1]);
  });

  test("there is no default partition: a row of a month that nobody made is refused", async () => {
    await using db = await database();
    const [{ count }] = await db.sql`
      select count(*)::integer as count from pg_partitioned_table where partdefid <> 0`;
    assert.equal(count, 0);

    await db.sql`insert into engines (unit_number) values ('E')`;
    await assert.rejects(
      db.sql`
        insert into sensor_data (engine_id, cycle, "timestamp", batch_id)
        select id, 1, '2010-01-01T00:00:00Z', gen_random_uuid() from engines`,
      { code: "23514", message: /no partition of relation "sensor_data" found/ },
    );
  });

  test("a partition has row security, the primary key and the foreign key, and its comments", async () => {
    await using db = await database();
    await make(db.sql, ["2024-01-01T00:00:00Z"]);
    const part = "partitions.sensor_data_2024_01";

    const [{ relrowsecurity, relispartition }] = await db.sql`
      select relrowsecurity, relispartition from pg_class where oid = ${part}::text::regclass`;
    assert.deepEqual([relrowsecurity, relispartition], [true, true]);
    const constraints = await db.sql`
      select pg_get_constraintdef(oid) as text from pg_constraint
      where conrelid = ${part}::text::regclass and contype in ('p', 'f', 'c') order by contype`;
    assert.deepEqual(constraints.map(({ text }) => text), [
      "CHECK ((cycle > 0))",
      "FOREIGN KEY (engine_id) REFERENCES engines(id)",
      'PRIMARY KEY (engine_id, "timestamp", cycle)',
    ]);
    const [{ commented }] = await db
      .sql`select col_description(${part}::text::regclass, 4) is not null as commented`;
    assert.equal(commented, true);

    const row = (engine: string, cycle: number) =>
      db.sql.unsafe(
        `insert into ${part} (engine_id, cycle, "timestamp", batch_id)
         values (${engine}, ${cycle}, '2024-01-15T00:00:00Z', gen_random_uuid())`,
      );
    await assert.rejects(row("gen_random_uuid()", 1), { code: "23503" });
    await db.sql`insert into engines (unit_number) values ('E')`;
    await row("(select id from engines)", 1);
    await assert.rejects(row("(select id from engines)", 1), { code: "23505" });
    await assert.rejects(row("(select id from engines)", 0), { code: "23514" });
  });

  test("a query for one day reads one partition", async () => {
    await using db = await database();
    await dropPartitions(db.sql);
    await make(db.sql, ["2024-01-01T00:00:00Z", "2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z"]);
    const scans = async (where: string) => {
      const rows = await db.sql.unsafe(`explain (costs off) select * from sensor_data where ${where}`);
      const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
      return [...new Set([...plan.matchAll(/ on (sensor_data_\d{4}_\d\d)\b/g)].map(([, name]) => name))];
    };

    assert.deepEqual(
      await scans(`"timestamp" >= '2024-02-10T00:00:00Z' and "timestamp" < '2024-02-11T00:00:00Z'`),
      [
        "sensor_data_2024_02",
      ],
    );
    // the control: without the timestamp all three are read
    assert.equal((await scans("s2 > 0")).length, 3);
  });

  test("one engine's history is found through the primary key", async () => {
    await using db = await database(1);
    await make(db.sql, ["2024-01-01T00:00:00Z"]);
    await db.sql`set enable_seqscan = off`;
    const rows = await db.sql.unsafe(
      `explain (costs off) select * from partitions.sensor_data_2024_01
       where engine_id = '${crypto.randomUUID()}' and "timestamp" >= '2024-01-10T00:00:00Z'`,
    );
    assert.match(
      rows.map((row) => row["QUERY PLAN"]).join("\n"),
      /Index Cond: .*engine_id = .*"timestamp" >= /,
    );
  });

  test("twenty intakes that meet the same new months and engines at once all succeed, and each month exists once", async () => {
    await using db = await database();
    const sql = connect(db.url, 20);
    await dropPartitions(db.sql);
    // all connections open, so that all twenty really meet
    await Promise.all(Array.from({ length: 20 }, () => sql`select pg_sleep(0.05)`));

    const results = await Promise.all(Array.from({ length: 20 }, (_, sender) => {
      const months = [1, 2, 3, 4, 5, 6].map((n) => `2024-0${n}-15T00:00:00Z`);
      const engines = ["ENGINE_A", "ENGINE_B", `ENGINE_OF_${sender}`];
      const batch = months.flatMap((timestamp) =>
        engines.map((engine_id) => reading({ engine_id, timestamp, cycle: sender + 1 }))
      );
      return storeBatch(sql, ORIGIN, candidates(sender % 2 === 0 ? batch : batch.reverse()));
    }));

    await sql.end();

    assert.equal(await deadlocks(db.sql), 0);
    assert.deepEqual(results.map(({ accepted }) => accepted), Array(20).fill(18));
    assert.deepEqual(await storedMonths(db.sql), [1, 2, 3, 4, 5, 6].map((n) => `2024_0${n}`));
    assert.deepEqual(await stored(db.sql), { readings: 360, engines: 22, batches: 20, deadLetters: 0 });
  });

  test("the job and an intake that meet the same new month wait for each other, and both succeed", async () => {
    await using db = await database();
    await dropPartitions(db.sql);
    const other = connect(db.url, 1);
    await other`select pg_advisory_lock(hashtext('public.sensor_data partitions'))`;

    const storing = storeBatch(db.sql, ORIGIN, candidates([reading()]));
    const maintaining = db.sql`select maintain_sensor_data_partitions(1, '2024-01-01T00:00:00Z') as said`
      .execute();
    await waitForLocks(other, 2);
    await other.end();

    assert.equal((await storing).accepted, 1);
    assert.match((await maintaining)[0].said, /^[12] partitions made, 1 months ahead are ready$/);
    assert.deepEqual(await storedMonths(db.sql), ["2024_01", "2024_02"]);
  });

  test("rows go into other months while a new month is being attached", async () => {
    await using db = await database();
    await storeBatch(db.sql, ORIGIN, candidates([reading()]));
    const maker = connect(db.url, 1);

    // an intake of a known engine and a known month does not wait for a transaction that has made another month
    await maker.begin(async (tx) => {
      await tx`select create_sensor_data_partitions(array['2001-01-01']::timestamptz[])`;
      await db.sql`set lock_timeout = '2s'`;
      const { accepted } = await storeBatch(db.sql, ORIGIN, candidates([reading({ cycle: 2 })]));
      assert.equal(accepted, 1);
    });
    await maker.end();
  });
}
