/** Readings leave Postgres by whole months, and only when the lake verifiably holds them. */

import assert from "node:assert/strict";
import { join } from "node:path";
import type postgres from "postgres";
import { archiveDays } from "../../shared/archive/archive_days.ts";
import { connect } from "../../shared/database.ts";
import { storeBatch } from "../../shared/intake.ts";
import { FileLake } from "../../shared/lake/file_lake.ts";
import { dayKey } from "../../shared/lake/keys.ts";
import { verifyLake } from "../../shared/lake/verify.ts";
import { hasPostgres15, testDatabase } from "../support/database.ts";
import { KillablePostgres } from "../support/killable_postgres.ts";
import { candidates, reading } from "../support/readings.ts";
import { simulatedFleet } from "../support/simulated_fleet.ts";
import { storedMonths } from "../support/stored.ts";

const ORIGIN = { source: "ingest", reference: null } as const;

/** Days with readings. January is due at DUE, February is not. */
const DAYS = ["2024-01-01", "2024-01-02", "2024-01-31", "2024-02-01", "2024-02-29"];
const DUE = "2024-03-03 02:00Z";
const JANUARY = "2024-01-01";

const readingsOf = (day: string, cycle = 1) =>
  [0, 1].map((engine) =>
    reading({ engine_id: `ENGINE_00${engine + 1}`, cycle, timestamp: `${day}T0${engine}:00:00Z` })
  );

/** A database whose readings are in a lake, verified, with January closed for more than an hour. */
interface Retiring extends AsyncDisposable {
  readonly url: string;
  readonly sql: postgres.Sql;
  readonly lake: FileLake;
  /** Path of the file of a day. */
  file(day: string): string;
}

async function archive({ sql, lake }: Pick<Retiring, "sql" | "lake">): Promise<void> {
  await archiveDays(sql, lake, { asOf: new Date() });
  await verifyLake(sql, lake);
}

/** Makes January be closed for more than an hour. */
async function close(sql: postgres.Sql): Promise<void> {
  assert.deepEqual((await sql`select close_months(${DUE}) as said`)[0].said, {
    closed: [JANUARY],
    refused: {},
  });
  await sql`update retired_months set closed_at = now() - interval '61 minutes'`;
}

async function setUp(
  options: { readonly version?: 15 | 17; readonly url?: string; readonly archived?: boolean } = {},
): Promise<Retiring> {
  const db = options.url === undefined ? await testDatabase({ version: options.version }) : undefined;
  const sql = db?.sql ?? connect(options.url!, 4);
  const folder = await Deno.makeTempDir({ prefix: "spool-retention-" });
  const lake = new FileLake(folder);
  await sql`update data_assets set retention_days = 31 where name = 'sensor_data'`;
  await storeBatch(sql, ORIGIN, candidates(DAYS.flatMap((day, place) => readingsOf(day, place + 1))));
  if (options.archived ?? true) {
    await archive({ sql, lake });
    await close(sql);
  }
  return {
    url: db?.url ?? options.url!,
    sql,
    lake,
    file: (day) => join(folder, dayKey(day)),
    async [Symbol.asyncDispose]() {
      if (db === undefined) await sql.end({ timeout: 1 });
      else await db[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

async function retire(sql: postgres.Sql): Promise<Record<string, unknown>> {
  return (await sql`select task_retention(${DUE}) as said`)[0].said;
}

async function held(sql: postgres.Sql): Promise<Record<string, number>> {
  const rows = await sql`
    select to_char("timestamp" at time zone 'UTC', 'YYYY-MM') as month, count(*)::integer as readings
    from sensor_data group by 1 order by 1`;
  return Object.fromEntries(rows.map(({ month, readings }) => [month, readings]));
}

const WHOLE = { "2024-01": 6, "2024-02": 4 };
const WITHOUT_JANUARY = { "2024-02": 4 };
const DROPPED = { dropped: JANUARY, readings: 6, due: 0 };

async function refused(sql: postgres.Sql, reason: RegExp): Promise<void> {
  const said = await retire(sql) as { refused: Record<string, string> };
  assert.match(said.refused?.[JANUARY] ?? JSON.stringify(said), reason);
  assert.deepEqual(await held(sql), WHOLE);
  const [month] = await sql`select refusal, refused_since, dropped_at from retired_months`;
  assert.match(month.refusal, reason);
  assert.ok(month.refused_since !== null && month.dropped_at === null);
}

for (const version of [17, 15] as const) {
  Deno.test({
    name:
      `a month leaves Postgres when its days are in the lake and verified, and stays gone (Postgres ${version})`,
    ignore: version === 15 && !hasPostgres15,
    async fn() {
      await using system = await setUp({ version });
      const { sql } = system;
      await sql`update rollup_horizon set kept_from = '2024-01-15'`;
      await sql`insert into sensor_data_changes (hours) values ('{(,)}')`;
      await archive(system); // with rollups of the end of January

      assert.deepEqual(await retire(sql), DROPPED);
      assert.deepEqual(await held(sql), WITHOUT_JANUARY);
      assert.ok(!(await storedMonths(sql)).includes("2024_01"));
      const [entry] = await sql`select * from audit_log where action = 'retention.drop'`;
      assert.equal(entry.actor, "retention");
      assert.equal(entry.target, "partitions.sensor_data_2024_01");
      assert.equal(entry.details.readings, 6);
      assert.deepEqual(
        entry.details.objects.map(({ key, rows }: { key: string; rows: number }) => [key, rows]),
        DAYS.slice(0, 3).map((day) => [dayKey(day), 2]),
      );
      const rollups = await sql`select distinct hour::date::text as day from reading_rollups order by 1`;
      assert.deepEqual(rollups.map(({ day }) => day), ["2024-02-01", "2024-02-29"]);
      const days =
        await sql`select day::text, retired_at is not null as retired from sensor_data_days order by day`;
      assert.deepEqual(days.map(({ retired }) => retired), [true, true, true, false, false]);
      const [{ lake }] = await sql`select count(*)::integer as lake from lake_objects where fault is null`;
      assert.equal(lake, 5);

      // it does not come back, by whatever fills gaps, makes months or archives days
      await sql`select fill_sensor_data_partition_gaps(), maintain_sensor_data_partitions()`;
      await storeBatch(sql, ORIGIN, candidates(readingsOf("2024-01-02", 9)));
      await archive(system);
      assert.deepEqual(await held(sql), WITHOUT_JANUARY);
      assert.ok(!(await storedMonths(sql)).includes("2024_01"));
      const letters = await sql`select path, reason from dead_letters`;
      assert.equal(letters.length, 2);
      assert.match(
        letters[0].reason,
        /^Cannot accept timestamp as it must be between 2024-02-01T00:00:00Z and /,
      );
      assert.deepEqual(await retire(sql), { due: 0 });
      // and the next month goes its own way
      assert.deepEqual((await sql`select close_months('2024-04-02 02:00Z') as said`)[0].said, {
        closed: ["2024-02-01"],
        refused: {},
      });
    },
  });
}

/** What can be wrong with a month that is closed: what happens to it, what is said, and how it is repaired. */
const FAULTS: [
  what: string,
  spoil: (system: Retiring) => Promise<unknown>,
  said: RegExp,
  repair?: "by hand",
][] = [
  [
    "a file is missing",
    ({ file, sql, lake }) => Deno.remove(file("2024-01-02")).then(() => verifyLake(sql, lake)),
    /^2024-01-02 is not as it should be in the lake: missing$/,
  ],
  [
    "a file is truncated",
    ({ file, sql, lake }) => Deno.truncate(file("2024-01-31"), 100).then(() => verifyLake(sql, lake)),
    /^2024-01-31 is not as it should be in the lake: other size: 100 of /,
  ],
  ["a file is tampered with", async ({ file, sql, lake }) => {
    const bytes = await Deno.readFile(file("2024-01-01"));
    bytes[bytes.length >> 1] ^= 1;
    await Deno.writeFile(file("2024-01-01"), bytes);
    await verifyLake(sql, lake);
  }, /^2024-01-01 is not as it should be in the lake: other checksum: /],
  [
    "a file was never read back",
    ({ sql }) => sql`update lake_objects set verified_at = null where day = '2024-01-02'`,
    /^2024-01-02 has not been read back from the lake$/,
  ],
  [
    "a file was read back too long ago",
    ({ sql }) =>
      sql`update lake_objects set verified_at = now() - interval '25 hours' where day = '2024-01-02'`,
    /^2024-01-02 was last read back from the lake at /,
  ],
  [
    "a day is not listed",
    ({ sql }) => sql`delete from lake_objects where day = '2024-01-31'`,
    /^2024-01-31 is not in the lake$/,
  ],
  ["a reading was corrected and the lake has the old one", async ({ sql }) => {
    await sql`update sensor_data set s2 = s2 + 1 where "timestamp" < '2024-01-02'`;
    await sql`select roll_up_readings()`;
  }, /^2024-01-01 has changed since it was archived: version 2, in the lake 1$/],
  [
    "a reading has changed since the last run of the checks",
    ({ sql }) => sql`update sensor_data set s2 = s2 where "timestamp" < '2024-01-02'`,
    /^readings of it have been written since the last run of the checks$/,
  ],
  ["somebody has changed a value behind the triggers", ({ sql }) =>
    sql.begin(async (tx) => {
      await tx`set local session_replication_role = replica`;
      await tx`update sensor_data set s21 = s21 + 0.5 where cycle = 3 and "timestamp" > '2024-01-31'`;
    }), /^2024-01-31 holds other values than it does in the lake$/],
  [
    "somebody has written a reading behind the triggers, on a day that had none",
    ({ sql }) =>
      sql.begin(async (tx) => {
        await tx`set local session_replication_role = replica`;
        await tx`
        insert into sensor_data (engine_id, cycle, "timestamp", batch_id)
        select id, 77, '2024-01-15', gen_random_uuid() from engines limit 1`;
      }),
    /^2024-01-15 holds 1 readings and is not in the lake$/,
    "by hand",
  ],
  [
    "the intake accepts its readings again",
    ({ sql }) => sql`update intake_settings set accepted_from = '2000-01-01'`,
    /^the intake accepts readings of it again/,
  ],
];

for (const [what, spoil, said, repair] of FAULTS) {
  Deno.test(`nothing is dropped and the reason is said when ${what}`, async () => {
    await using system = await setUp();
    const { sql } = system;
    await spoil(system);
    const before = await held(sql);
    const answer = await retire(sql) as { refused: Record<string, string> };
    assert.match(answer.refused?.[JANUARY] ?? JSON.stringify(answer), said);
    assert.deepEqual(await held(sql), before);
    assert.match((await sql`select refusal from retired_months`)[0].refusal, said);
    assert.equal((await sql`select from audit_log where action = 'retention.drop'`).length, 0);
    if (repair === "by hand") return;

    // once the lake has what is here, it goes: written again, read back, closed again
    await sql`delete from lake_objects where fault is not null`;
    await sql`update sensor_data_days set version = version + 1 where day = '2024-01-31'`;
    await archive(system);
    await sql`select close_months(${DUE})`;
    await sql`update retired_months set closed_at = now() - interval '61 minutes'`;
    assert.deepEqual(await retire(sql), DROPPED);
  });
}

Deno.test("without a lake nothing is closed and nothing is dropped, which an alert says after three days", async () => {
  await using system = await setUp({ archived: false });
  const { sql } = system;
  await sql`select roll_up_readings()`;
  const reason = "2024-01-01 is not in the lake";
  assert.deepEqual((await sql`select task_close_months(${DUE}) as said`)[0].said, {
    closed: [],
    refused: { [JANUARY]: reason },
  });
  assert.deepEqual(await retire(sql), { waits: `${JANUARY} is not closed yet`, due: 1 });
  assert.deepEqual(await held(sql), WHOLE);
  assert.equal(
    (await sql`select accepted_from::text from intake_settings`)[0].accepted_from.slice(0, 4),
    "2000",
  );
  const alerts = async (days: number) => {
    await sql`select watch_jobs(now() + make_interval(days => ${days}))`;
    return (await sql`select summary from alerts where kind = 'retention' and resolved_at is null`).map((
      { summary },
    ) => summary);
  };
  assert.deepEqual(await alerts(2), []);
  assert.deepEqual(await alerts(4), [
    `Readings of 2024-01 are kept longer than data_assets.retention_days says: ${reason}`,
  ]);

  // what is archived resolves it
  await archive(system);
  await close(sql);
  assert.deepEqual(await retire(sql), DROPPED);
  await alerts(5);
  assert.deepEqual(await alerts(6), []);
});

Deno.test("months leave in their order: one that cannot holds up the later ones, and each says what it waits for", async () => {
  await using system = await setUp({ archived: false });
  const { sql, lake } = system;
  await archive(system);
  await sql`delete from lake_objects where day = '2024-01-02'`;
  assert.deepEqual((await sql`select close_months('2024-04-02 02:00Z') as said`)[0].said, {
    closed: [],
    refused: { [JANUARY]: "2024-01-02 is not in the lake", "2024-02-01": "it comes after 2024-01" },
  });
  // kept longer than before, nothing is due and nothing is in the way
  await sql`update data_assets set retention_days = 300 where name = 'sensor_data'`;
  await sql`select close_months('2024-04-02 02:00Z')`;
  assert.equal((await sql`select from retired_months`).length, 0);
  await sql`update data_assets set retention_days = 31 where name = 'sensor_data'`;

  await archiveDays(sql, lake, { asOf: new Date() });
  await verifyLake(sql, lake);
  await sql`select close_months('2024-04-02 02:00Z')`;
  const later = async () => (await sql`select retire_months('2024-04-02 02:00Z') as said`)[0].said;
  assert.deepEqual(await later(), { waits: `${JANUARY} was closed less than an hour ago`, due: 2 });
  await sql`update retired_months set closed_at = now() - interval '61 minutes'`;
  assert.deepEqual(await later(), { ...DROPPED, due: 1 });
  assert.deepEqual(await later(), { dropped: "2024-02-01", readings: 4, due: 0 });
  assert.deepEqual(await held(sql), {});
});

Deno.test("a month without readings needs no lake, and readings without a retention stay for ever", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  await sql`select create_sensor_data_partitions('{2016-01-15, 2016-02-15}')`;
  const due = async () =>
    (await sql`select month::text from due_months('2024-01-01')`).map(({ month }) => month);
  // 2,555 days unless somebody says otherwise: seven years
  assert.deepEqual(await due(), ["2016-01-01", "2016-02-01"]);
  assert.deepEqual((await sql`select month::text from due_months('2023-02-27')`).map(({ month }) => month), [
    "2016-01-01",
  ]);
  await sql`update data_assets set retention_days = null where name = 'sensor_data'`;
  assert.deepEqual(await due(), []);

  await sql`update data_assets set retention_days = 2555 where name = 'sensor_data'`;
  await sql`select close_months('2024-01-01')`;
  await sql`update retired_months set closed_at = now() - interval '61 minutes'`;
  assert.deepEqual((await sql`select retire_months('2024-01-01') as said`)[0].said, {
    dropped: "2016-01-01",
    readings: 0,
    due: 1,
  });
});

Deno.test("a transaction that still reads or writes is waited for no longer than the intake can bear", async () => {
  await using system = await setUp();
  const { sql } = system;
  const other = connect(system.url, 1);
  for (
    const statement of [
      "select count(*) from sensor_data",
      "lock table engines in row exclusive mode",
    ]
  ) {
    const session = await other.reserve();
    await session`begin`;
    await session.unsafe(statement);
    await refused(sql, /^other sessions use it: canceling statement due to lock timeout$/);
    await session`rollback`;
    session.release();
  }
  assert.deepEqual(await retire(sql), DROPPED);
  await other.end();
});

Deno.test("a reading that is being written while the month is looked at is waited for, seen, and keeps the month", async () => {
  await using system = await setUp();
  const { sql } = system;
  const other = connect(system.url, 1);
  const session = await other.reserve();
  await session`begin`;
  // a batch that read the settings before the month was closed, and is still at it an hour later
  await session`
    insert into sensor_data (engine_id, cycle, "timestamp", batch_id)
    select id, 8, '2024-01-20', gen_random_uuid() from engines limit 1`;
  const retiring = retire(sql);
  let waits = false;
  let done = false;
  retiring.then(() => done = true, () => done = true);
  while (!waits && !done) {
    [{ waits }] = await sql<[{ waits: boolean }]>`
      select exists (
        select from pg_locks where not granted and relation = to_regclass('partitions.sensor_data_2024_01')
      ) as waits`;
  }
  assert.ok(waits);
  await session`commit`;
  session.release();
  const said = await retiring as { refused: Record<string, string> };
  assert.match(said.refused[JANUARY], /^readings of it have been written since the last run of the checks$/);
  assert.deepEqual(await held(sql), { ...WHOLE, "2024-01": 7 });

  // the late one is archived like any other, and then the month goes
  await archive(system);
  assert.deepEqual(await retire(sql), { ...DROPPED, readings: 7 });
  await other.end();
});

Deno.test("readings of other months are stored while a month is compared and dropped", async () => {
  await using system = await setUp();
  const { sql } = system;
  let dropped = false;
  const retiring = retire(sql).finally(() => dropped = true);
  let stored = 0;
  for (let cycle = 100; !dropped || cycle < 120; cycle++) {
    const { accepted } = await storeBatch(sql, ORIGIN, candidates(readingsOf("2024-02-10", cycle)));
    stored += accepted;
  }
  assert.deepEqual(await retiring, DROPPED);
  assert.ok(stored >= 40);
  assert.deepEqual(await held(sql), { "2024-02": 4 + stored });
});

Deno.test("a server that is killed before the month is gone has it, and one killed afterwards has not", async () => {
  await using server = await KillablePostgres.start();
  const folder = await Deno.makeTempDir({ prefix: "spool-retention-" });
  try {
    {
      await using system = await setUp({ url: server.url });
      const victim = connect(server.url, 1);
      const session = await victim.reserve();
      await session`begin`;
      assert.deepEqual((await session`select retire_months(${DUE}) as said`)[0].said, DROPPED);
      await server.killAll();
      session.release();
      await victim.end({ timeout: 0 });
      await system.sql.end({ timeout: 0 });

      const sql = connect(server.url, 2);
      assert.deepEqual(await held(sql), WHOLE);
      assert.equal((await sql`select from audit_log where action = 'retention.drop'`).length, 0);
      assert.equal((await sql`select from sensor_data_days where retired_at is not null`).length, 0);
      assert.deepEqual(await retire(sql), DROPPED);
      await server.killAll();
      await sql.end({ timeout: 0 });
    }
    const sql = connect(server.url, 1);
    assert.deepEqual(await held(sql), WITHOUT_JANUARY);
    assert.equal((await sql`select from audit_log where action = 'retention.drop'`).length, 1);
    await sql.end();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the checks say the same of a fleet whose first months have left, and its baselines stay what they were", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  const folder = await Deno.makeTempDir({ prefix: "spool-retention-" });
  try {
    const lake = new FileLake(folder);
    await sql`update data_assets set retention_days = 31 where name = 'sensor_data'`;
    await sql`update rollup_horizon set kept_from = '2023-12-01'`;
    const startMs = Date.UTC(2024, 0, 20);
    const readings = simulatedFleet({ engines: 3, hours: 24 * 45, startMs, seed: 7 });
    await storeBatch(sql, ORIGIN, candidates(readings));
    await sql`update engines set status = 'failed', life_cycles = 1080 where unit_number = 'SIM_03'`;
    const until = "2024-03-04 23:30Z";
    const verdicts = async () =>
      await sql`
        select metric_name, column_name, status, metric_value from run_checks('24 hours', ${until})
        order by metric_name, column_name`;
    const baselines = async () =>
      await sql`
        select engine_id, column_name, readings, mean, sd, cadence, complete, first_timestamp
        from sensor_baselines join engine_baselines using (engine_id, readings)
        order by engine_id, column_name`;
    const before = await verdicts();
    const learned = await baselines();
    assert.ok(learned.length > 0);
    await archive({ sql, lake });
    await close(sql);
    const { dropped, readings: gone } = await retire(sql);
    assert.deepEqual([dropped, gone], [JANUARY, 3 * 24 * 12]);

    // new readings, and a change that would have all baselines learned anew
    await storeBatch(sql, ORIGIN, candidates(readings));
    await sql`update operating_conditions set altitude_max = altitude_max + 0.1 where condition = 6`;
    assert.deepEqual([...await verdicts()], [...before]);
    assert.deepEqual([...await baselines()], [...learned]);
    const alarms = await sql`select kind, subject from alerts where kind = 'check' and severity = 'fail'`;
    assert.deepEqual(alarms.map(({ subject }) => subject), []);

    // what has left is not taken for readings that never came
    await assert.rejects(sql`select from run_checks('24 hours', '2024-02-01 12:00Z')`, {
      code: "22023",
      message:
        /^Cannot run the checks as their window must begin after the months that have left Postgres: current value is 2024-01-31 /,
    });
    await sql`select from run_checks('24 hours', '2024-02-02 00:00Z')`;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a retention that nothing would carry out is refused", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  // by whoever edits the catalogue
  const keep = (name: string, days: number | null) =>
    sql.begin(async (tx) => {
      await tx`set local role service_role`;
      await tx`update data_assets set retention_days = ${days} where name = ${name}`;
    });
  for (
    const [name, days] of [["engines", 10], ["open_alerts", 10], ["batches", 10], [
      "sensor_data",
      30,
    ]] as const
  ) {
    await assert.rejects(keep(name, days), { code: "23514" }, name);
  }
  for (
    const [name, days] of [["sensor_data", 31], ["sensor_data", null], ["alerts", 1], [
      "processed/",
      10,
    ]] as const
  ) {
    await keep(name, days);
  }
});
