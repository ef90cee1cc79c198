/** How often the checks alarm where nothing is wrong, and how often they do where something is: on NASA's FD001. */

import assert from "node:assert/strict";
import type postgres from "postgres";
import { DEFAULT_TIMELINE, loadCmapss } from "../../scripts/cmapss/load.ts";
import { openSource } from "../../scripts/cmapss/source.ts";
import { silent } from "../../scripts/progress.ts";
import { cmapssFolder } from "../support/cmapss.ts";
import { VALUE_COLUMNS } from "../../shared/sensors.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { Random } from "../../shared/random.ts";
import { simulatedFleet, storeAsOf } from "../support/simulated_fleet.ts";

const ignore = cmapssFolder === undefined;

/** FD001's training engines, loaded, rolled up, with the signature of wear learned. */
async function trainingEngines(): Promise<TestDatabase> {
  const db = await testDatabase();
  await using source = await openSource([cmapssFolder!]);
  await loadCmapss(
    db.sql,
    source,
    { timeline: DEFAULT_TIMELINE, maxRul: 125, allowFailures: false, subsets: ["train"] },
    silent,
  );
  await db.sql`select roll_up_readings()`;
  await db.sql`select learn_wear_signatures()`;
  await db.sql`analyze`;
  return db;
}

/** Asserts a rate, as a step, because the names of steps are what is printed of a test that passes. */
async function assertRate(
  t: Deno.TestContext,
  what: string,
  count: number,
  of: number,
  expected: { readonly most?: number; readonly least?: number },
): Promise<void> {
  const { most = 1, least = 0 } = expected;
  const found = `${what}: ${count} of ${of} (${(100 * count / of).toFixed(1)} %)`;
  await t.step(found, () => assert.ok(count <= most * of && count >= least * of, found));
}

/** Names of the sensors that drift between the engines and the others. */
async function driftingSensors(
  sql: postgres.ReservedSql,
  engines: string[],
  others: string[],
): Promise<string[]> {
  const rows = await sql<{ column_name: string }[]>`
    select column_name from fleet_drift(${engines}::uuid[], ${others}::uuid[]) where verdict = 'drift'`;
  return rows.map(({ column_name }) => column_name);
}

/** Shifts a sensor of some engines' baselines by one SD of the others', looks for drift, and takes it back. */
async function findsShift(
  session: postgres.ReservedSql,
  reference: string[],
  current: string[],
  sensor: string,
): Promise<boolean> {
  await session`begin`;
  try {
    await session`
      update sensor_baselines
      set
        mean = mean + reference.sd,
        sorted_values = array(
          select (value + reference.sd)::real
          from unnest(sorted_values) with ordinality as sorted (value, place)
          order by place
        )
      from (
        select stddev_samp(value) as sd
        from sensor_baselines, unnest(sorted_values) as value
        where engine_id = any (${reference}::uuid[]) and column_name = ${sensor}
      ) as reference
      where engine_id = any (${current}::uuid[]) and column_name = ${sensor}`;
    return (await driftingSensors(session, reference, current)).includes(sensor);
  } finally {
    await session`rollback`;
  }
}

Deno.test({
  name: "a random split of a healthy fleet hardly ever drifts; a shift of one sensor by one SD does",
  ignore,
  async fn(t) {
    await using db = await trainingEngines();
    const engines = await db.sql<{ id: string }[]>`
      select id from engines join engine_baselines on engine_id = id and complete order by unit_number`;
    assert.equal(engines.length, 100);
    const random = new Random(1);
    const splits = Array.from({ length: 200 }, () => {
      const order = random.shuffled(engines.map(({ id }) => id));
      return {
        reference: order.slice(0, 50),
        current: order.slice(50),
        sensor: random.pick(VALUE_COLUMNS.slice(3)),
      };
    });
    let alarms = 0;
    let found = 0;
    await Promise.all([0, 1].map(async (half) => {
      const session = await db.sql.reserve();
      for (const { reference, current, sensor } of splits.filter((_, i) => i % 2 === half)) {
        const drifting = await driftingSensors(session, reference, current);
        const isFound = await findsShift(session, reference, current, sensor);
        alarms += Number(drifting.length > 0);
        found += Number(isFound);
      }
      session.release();
    }));
    await assertRate(t, "random splits that drift", alarms, splits.length, { most: 0.05 });
    await assertRate(t, "shifts by 1 SD that are found", found, splits.length, { least: 0.95 });
  },
});

/** The moment of a cycle, as DEFAULT_TIMELINE has it. */
const atCycle = (cycle: number) =>
  new Date(DEFAULT_TIMELINE.atMs + (cycle - 1) * DEFAULT_TIMELINE.intervalMs);

interface Engine {
  readonly id: string;
  /** In cycles. */
  readonly life: number;
}

/** Sensors that wear moves alike in all engines. Speeds (s8, s13; s9, s14) rise in some, and fall in others. */
const ALIKE = ["s2", "s3", "s4", "s7", "s11", "s12", "s15", "s17", "s20", "s21"];

Deno.test({
  name:
    "an engine's sensors hardly ever drift while it is healthy or wears; one that is shifted by one SD does",
  ignore,
  async fn(t) {
    await using db = await trainingEngines();
    const { sql } = db;
    const engines = await sql<Engine[]>`
      select id, life_cycles as life from engines order by unit_number`;
    /** Verdicts on the sensors of engines that are at the same cycle, which is at the same moment; by engine. */
    const verdicts = async (
      session: postgres.Sql | postgres.ReservedSql,
      of: readonly Engine[],
      cycleOf: (engine: Engine) => number,
    ) => {
      const byEngine = new Map<string, { sensor: string; verdict: string }[]>();
      for (const [cycle, together] of Map.groupBy(of, cycleOf)) {
        const rows = await session<{ engine_id: string; sensor: string; verdict: string }[]>`
          select engine_id, column_name as sensor, verdict
          from measure_drift(${together.map(({ id }) => id)}::uuid[], ${atCycle(cycle)})`;
        for (const [id, sensors] of Map.groupBy(rows, ({ engine_id }) => engine_id)) {
          byEngine.set(id, sensors);
        }
      }
      assert.equal(byEngine.size, of.length);
      return [...byEngine.values()];
    };
    const having = (engines: readonly { verdict: string }[][], what: string) =>
      engines.filter((sensors) => sensors.some(({ verdict }) => verdict === what)).length;

    // after the baseline's 100 cycles at least 50 more, with more than 125 left
    const healthy = engines.filter(({ life }) => life - 126 >= 150);
    const healthyUntil = ({ life }: Engine) => Math.min(200, life - 126);
    const drifting = having(await verdicts(sql, healthy, healthyUntil), "drift");
    await assertRate(t, "healthy engines that drift", drifting, healthy.length, { most: 0.05 });

    const moments: { readonly verdict: string }[][] = [];
    for (let cycle = 160; engines.some(({ life }) => life >= cycle); cycle += 25) {
      moments.push(...await verdicts(sql, engines.filter(({ life }) => life >= cycle), () => cycle));
    }
    const alarms = having(moments, "drift");
    await assertRate(t, "moments of whole lives at which an engine drifts", alarms, moments.length, {
      most: 0.05,
    });

    const atFailure = await verdicts(sql, engines.filter(({ life }) => life >= 150), ({ life }) => life);
    const compared = atFailure.length;
    await assertRate(t, "engines at failure that drift", having(atFailure, "drift"), compared, {
      most: 0.01,
    });
    await assertRate(t, "engines at failure that are degraded", having(atFailure, "degradation"), compared, {
      least: 1,
    });

    const found: Record<string, number> = {};
    const session = await sql.reserve();
    for (const shifted of VALUE_COLUMNS.slice(3)) {
      await session`begin`;
      await session`
        update sensor_data set ${sql(shifted)} = ${sql(shifted)} + sd
        from sensor_baselines as baseline
        where sensor_data.engine_id = any (${healthy.map(({ id }) => id)}::uuid[])
          and baseline.engine_id = sensor_data.engine_id and column_name = ${shifted} and cycle > 100`;
      found[shifted] = (await verdicts(session, healthy, healthyUntil)).filter((sensors) =>
        sensors.some(({ sensor, verdict }) =>
          sensor === shifted && verdict === "drift"
        )
      ).length;
      await session`rollback`;
    }
    session.release();
    const count = (sensors: readonly string[]) => sensors.reduce((sum, sensor) => sum + found[sensor], 0);
    await assertRate(t, "shifts by 1 SD that are found", count(ALIKE), healthy.length * ALIKE.length, {
      least: 0.95,
    });
    // the price of telling wear apart: these engines have begun to wear, and how it moves their speeds is open
    const speeds = ["s8", "s9", "s13", "s14"];
    await assertRate(t, "of fan and core speed", count(speeds), healthy.length * speeds.length, {});
  },
});

// FD001 has no engine that does not wear: all of its healthy ones have begun to
Deno.test("of engines whose readings are noise and nothing else hardly one drifts", async (t) => {
  await using db = await testDatabase();
  const startMs = Date.UTC(2024, 2, 1);
  const readings = simulatedFleet({
    engines: 100,
    hours: 200,
    startMs,
    seed: 78,
    name: (number) => `NOISE_${number}`,
  });
  await storeAsOf(db.sql, readings, new Date(startMs));
  await db.sql`select roll_up_readings()`;
  const [{ compared, drifting }] = await db.sql`
    select
      count(distinct engine_id)::integer as compared,
      (count(distinct engine_id) filter (where verdict = 'drift'))::integer as drifting
    from measure_drift(array(select id from engines), '2024-06-01')
    where verdict <> 'insufficient_data'`;
  assert.equal(compared, 100);
  await assertRate(t, "engines of noise that drift", drifting, compared, { most: 0.05 });
});
