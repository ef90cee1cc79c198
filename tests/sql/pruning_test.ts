/** The hourly run reads the months it is about and no other: plans as they were executed, statement by statement. */

import assert from "node:assert/strict";
import postgres from "postgres";
import { hasPostgres15, testDatabase } from "../support/database.ts";

interface PlanNode {
  readonly "Relation Name"?: string;
  readonly "Actual Loops"?: number;
  readonly Plans?: readonly PlanNode[];
}

/** The months of sensor_data in the plans of one call, those of its functions included. */
interface Months {
  /** Read from: the node was executed. */
  readonly read: Set<string>;
  /** In a plan, but never executed. */
  readonly idle: Set<string>;
}

function collect(node: PlanNode, months: Months): void {
  const month = /^sensor_data_(\d{4}_\d{2})$/.exec(node["Relation Name"] ?? "")?.[1];
  if (month) (node["Actual Loops"] === 0 ? months.idle : months.read).add(month);
  for (const child of node.Plans ?? []) collect(child, months);
}

/** A database with 14 months of readings of three engines, one every six hours; everything is rolled up. */
async function fleet(version: 15 | 17) {
  const database = await testDatabase({ version });
  const { sql } = database;
  await sql`update public.rollup_horizon set kept_from = '2025-01-25'`;
  await sql`insert into public.engines (unit_number) select 'ENGINE_' || n from generate_series(1, 3) as n`;
  await sql`
    select public.create_sensor_data_partitions(
      array(select generate_series('2024-01-01Z'::timestamptz, '2025-02-28Z', '1 month'))
    )`;
  await sql`
    insert into public.sensor_data (
      engine_id, cycle, "timestamp", altitude, mach_number, tra,
      s2, s3, s4, s7, s8, s9, s11, s12, s13, s14, s15, s17, s20, s21, batch_id
    )
    select
      engines.id, n + 1, '2024-01-01 00:10Z'::timestamptz + n * interval '6 hours', 0, 0, 100,
      642 + n % 3, 1587 + n % 5, 1403 + n % 7, 554, 2388, 9056 + n % 11, 47.4, 522, 2388, 8137 + n % 13, 8.4, 392, 39, 23.4,
      gen_random_uuid()
    from generate_series(0, 1689) as n -- until 26 February 2025, 06:10
    cross join public.engines`;
  await sql`select from public.run_checks('24 hours', '2025-02-26 12:05Z')`;
  await sql`vacuum analyze`;

  const plans: string[] = [];
  const traced = postgres(database.url, { max: 1, onnotice: ({ message }) => plans.push(message ?? "") });
  await traced`load 'auto_explain'`;
  for (
    const setting of [
      "auto_explain.log_min_duration = 0",
      "auto_explain.log_nested_statements = on",
      "auto_explain.log_analyze = on",
      "auto_explain.log_timing = off",
      "auto_explain.log_format = json",
      "client_min_messages = log",
      "jit = off", // Debian's Postgres would compile each of the many plans
      "max_parallel_workers_per_gather = 0", // what a worker reads is not reported to the session
    ]
  ) await traced.unsafe(`set ${setting}`);

  return {
    sql,
    /** Runs a statement and tells which months its plans have read. */
    async months(statement: string): Promise<Months> {
      plans.length = 0;
      await traced.unsafe(statement);
      const months = { read: new Set<string>(), idle: new Set<string>() };
      for (const text of plans) {
        const json = text.split("plan:\n")[1];
        if (json !== undefined) collect(JSON.parse(json).Plan, months);
      }
      return months;
    },
    async [Symbol.asyncDispose]() {
      await traced.end({ timeout: 1 });
      await database[Symbol.asyncDispose]();
    },
  };
}

const before = (months: Set<string>, month: string) => [...months].filter((one) => one < month).toSorted();

for (const version of [17, 15] as const) {
  Deno.test({
    name: `a run of the checks reads the month of its window and none before it, on Postgres ${version}`,
    ignore: version === 15 && !hasPostgres15,
    async fn(t) {
      await using database = await fleet(version);
      const { sql, months } = database;

      await t.step("the control: what reads everything is seen to", async () => {
        const { read } = await months("select count(s2) from public.sensor_data");
        assert.equal(before(read, "2025_03").length, 14);
      });

      await t.step("run_checks after new readings, drift included", async () => {
        await sql`
          insert into public.sensor_data (engine_id, cycle, "timestamp", batch_id)
          select id, 1691, '2025-02-26 12:10Z', gen_random_uuid() from public.engines`;
        const { read } = await months("select from public.run_checks('24 hours', '2025-02-26 13:05Z')");
        assert.ok(read.has("2025_02"));
        // drift compares the latest 100 readings: 25 days of this fleet
        assert.deepEqual(before(read, "2025_02"), []);
        const [{ sensors }] = await sql`
          select count(*)::integer as sensors from public.sensor_drift
          where as_of = '2025-02-26 13:05Z' and window_readings >= 99`;
        assert.equal(sensors, 3 * 14);
      });

      await t.step("measure_hours of a day reads that day's month", async () => {
        const { read } = await months(
          `select count(*) from public.measure_hours(
            array(select id from public.engines),
            array(select '[2025-02-20,2025-02-21)'::tstzrange from public.engines))`,
        );
        assert.deepEqual([...read], ["2025_02"]);
      });

      await t.step("last_readings stops at the newest month that has one", async () => {
        const { read, idle } = await months("select count(*) from public.last_readings('2025-02-27Z')");
        assert.deepEqual([...read], ["2025_02"]);
        assert.equal(before(idle, "2025_02").length, 13);
      });

      await t.step("a run for a moment of last summer stays in that summer", async () => {
        const { read } = await months("select from public.run_checks('24 hours', '2024-08-20 12:05Z')");
        assert.ok(read.has("2024_08"));
        assert.deepEqual(before(read, "2024_07"), []); // drift, and the seven days before of volume
      });
    },
  });
}
