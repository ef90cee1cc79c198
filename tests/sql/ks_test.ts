/** The statistics of drift against golden values, made by golden/ks.py with scipy and numpy. */

import assert from "node:assert/strict";
import type postgres from "postgres";
import { storeBatch } from "../../shared/intake.ts";
import type { Reading } from "../../shared/reading.ts";
import { testDatabase } from "../support/database.ts";
import { candidates, reading } from "../support/readings.ts";
import golden from "./golden/ks.json" with { type: "json" };

/** Within a share of what was expected; zero and what is next to zero are the same. */
function assertNear(found: number, expected: number, share: number, message: string): void {
  const near = Math.abs(found - expected) <= share * Math.abs(expected) + 1e-20;
  assert.ok(near, `${message}: found ${found}, expected ${expected}`);
}

const json = (value: unknown) => JSON.stringify(value);

async function pValues(sql: postgres.Sql, pairs: readonly (readonly number[])[]): Promise<number[]> {
  const rows = await sql<{ p: number }[]>`
    select ks_p_value((pair ->> 0)::float8, (pair ->> 1)::float8) as p
    from json_array_elements(${json(pairs)}::text::json) with ordinality as pairs (pair, place)
    order by place`;
  return rows.map(({ p }) => p);
}

Deno.test("D is that of scipy, to 1e-12, and p is within 10 % of scipy's down to 1e-20", async () => {
  await using db = await testDatabase();
  const { samples } = golden;
  const rows = await db.sql<{ d: number; p: number }[]>`
    select compared.d, ks_p_value(compared.d, (sample ->> 'effective_n')::float8) as p
    from json_array_elements(${json(samples)}::text::json) with ordinality as samples (sample, place)
    cross join lateral (
      select ks_statistic(
        array(select value::float8 from json_array_elements_text(sample -> 'reference') as value),
        array(select value::float8 from json_array_elements_text(sample -> 'current') as value)
      ) as d
    ) as compared
    order by place`;
  const largest = Math.max(...samples.map(({ p_value }) => p_value ?? 0));
  const smallest = Math.min(...samples.map(({ p_value }) => p_value ?? 1));
  assert.ok(largest === 1 && smallest === 0, "golden values that cover little");
  let worst = 0;
  for (const [i, { name, statistic, p_value, effective_n }] of samples.entries()) {
    const { d, p } = rows[i];
    assert.ok(Math.abs(d - statistic) <= 1e-12, `${name}: D is ${d}, scipy's ${statistic}`);
    assert.ok(p >= 0 && p <= 1, `${name}: p is ${p}`);
    if (p_value === null || effective_n < 3 || effective_n < 8 && p_value < 0.05) continue; // see the next test
    assertNear(p, p_value, 0.1, `${name}: p`);
    if (p_value >= 1e-20) worst = Math.max(worst, Math.abs(p / p_value - 1));
  }
  assert.ok(worst < 0.03, `p is up to ${worst} off`);
});

Deno.test("p is within 4 % of scipy's from n = 8 on, within 6 % from 3 on down to 0.05, and not too small below", async () => {
  await using db = await testDatabase();
  const cases = golden.p_values as [n: number, d: number, p: number][];
  const found = await pValues(db.sql, cases.map(([n, d]) => [d, n]));
  const seen = { large: 0, small: 0, tail: 0 };
  for (const [i, [n, d, expected]] of cases.entries()) {
    const message = `n ${n}, D ${d}`;
    if (n < 3) continue; // of one or two readings neither says anything
    if (n >= 8) {
      assertNear(found[i], expected, 0.04, message);
      seen.large++;
    } else if (expected >= 0.05) {
      assertNear(found[i], expected, 0.06, message);
      seen.small++;
    } else {
      assert.ok(found[i] >= 0.93 * expected, `${message}: found ${found[i]}, expected at least ${expected}`);
      seen.tail++;
    }
  }
  assert.ok(seen.large > 300 && seen.small > 20 && seen.tail > 10, json(seen));
});

Deno.test("p falls as D rises and as n rises, also where one of its forms follows another", async () => {
  await using db = await testDatabase();
  const grid = (values: number[], pair: (value: number) => number[]) => pValues(db.sql, values.map(pair));
  const steps = Array.from({ length: 400 }, (_, i) => i / 400);
  for (const n of [1, 7.9, 8, 50, 400, 401, 20000]) {
    const found = await grid(steps, (d) => [d, n]);
    for (let i = 1; i < found.length; i++) {
      assert.ok(found[i] <= found[i - 1] * 1.03, `n ${n}, D ${steps[i]}: ${found[i - 1]}, then ${found[i]}`);
    }
  }
  for (const d of [0.05, 0.1, 0.2, 0.3]) {
    const found = await grid(Array.from({ length: 600 }, (_, n) => n + 1), (n) => [d, n]);
    for (let i = 1; i < found.length; i++) {
      assert.ok(found[i] <= found[i - 1] * 1.03, `D ${d}, n ${i + 1}: ${found[i - 1]}, then ${found[i]}`);
    }
  }
});

Deno.test("p that is too small for a number is next to 0, and no error", async () => {
  await using db = await testDatabase();
  const extremes = [[1, 8], [1, 50], [1, 400], [1, 401], [1, 1e9], [0.999999, 400], [0.5, 1e7], [1, 1e300]];
  for (const p of await pValues(db.sql, extremes)) assert.ok(p >= 0 && p < 1e-7, String(p));
  assert.deepEqual(await pValues(db.sql, [[0, 50], [0, 1e9], [1e-300, 50]]), [1, 1, 1]);
});

Deno.test("without a sample there is neither D nor p", async () => {
  await using db = await testDatabase();
  const [row] = await db.sql`
    select
      ks_statistic('{}', '{1,2}') as "no reference", ks_statistic('{1,2}', '{}') as "no current",
      ks_statistic('{}', '{}') as "neither", ks_statistic(null, '{1}') as "null reference",
      ks_statistic('{1}', null) as "null current",
      ks_p_value(null, 50) as "no D", ks_p_value(0.5, null) as "no n", ks_p_value(0.5, 0) as "n of 0",
      ks_statistic('{1}', '{1}') as "control"`;
  assert.deepEqual({ ...row }, {
    "no reference": null,
    "no current": null,
    "neither": null,
    "null reference": null,
    "null current": null,
    "no D": null,
    "no n": null,
    "n of 0": null,
    "control": 0,
  });
});

Deno.test("an engine's sensors have scipy's D and p, and the q of Benjamini and Hochberg", async () => {
  await using db = await testDatabase();
  const { before, after, expected } = golden.engine as unknown as {
    before: Record<string, number[]>;
    after: Record<string, number[]>;
    expected: Record<string, Record<"ks_statistic" | "p_value" | "q_value" | "mean_shift", number>>;
  };
  const size = before.s2.length;
  await db.sql`update quality_settings set baseline_readings = ${size}, drift_readings = ${size}`;
  const rows = Array.from({ length: 2 * size }, (_, i) =>
    reading({
      cycle: i + 1,
      ...Object.fromEntries(
        Object.keys(expected).map((sensor) => [sensor, (i < size ? before : after)[sensor][i % size]]),
      ) as Partial<Reading>,
    }));
  await storeBatch(db.sql, { source: "ingest", reference: null }, candidates(rows));
  await db.sql`select roll_up_readings()`;
  const found = await db.sql`
    select drift.* from measure_drift(array(select id from engines), '2025-01-01') as drift`;
  assert.equal(found.length, 14);
  for (const row of found) {
    const sensor = expected[row.column_name];
    assert.ok(Math.abs(row.ks_statistic - sensor.ks_statistic) <= 1e-12, row.column_name);
    assertNear(row.mean_shift, sensor.mean_shift, 1e-9, `${row.column_name} mean_shift`);
    assertNear(row.p_value, sensor.p_value, 0.03, `${row.column_name} p`);
    assertNear(row.q_value, sensor.q_value, 0.03, `${row.column_name} q`);
  }
  // a q that is its own p, and one that is pulled down by the next: or the golden values would prove little
  const q = Object.values(expected).map(({ q_value }) => q_value);
  assert.ok(new Set(q).size < q.length && new Set(q).size > 3);
});

interface GoldenFleet {
  readonly engines: { readonly group: number; readonly values: Record<string, Record<string, number[]>> }[];
  readonly expected: Record<string, Record<string, number>>;
}

for (const [name, fleet] of Object.entries(golden.fleets as unknown as Record<string, GoldenFleet>)) {
  Deno.test(`fleets of ${name} have numpy's ICC, Kish's n, and the q of Benjamini and Hochberg`, async () => {
    await using db = await testDatabase();
    const { sql } = db;
    // baselines as learn_baselines stores them, of whatever size
    await sql`
      insert into engines (unit_number, cohort)
      select 'GOLDEN_' || place, engine ->> 'group'
      from json_array_elements(${
      json(fleet.engines)
    }::text::json) with ordinality as engines (engine, place)`;
    await sql`
      insert into engine_baselines (engine_id, readings, complete, first_timestamp, last_timestamp)
      select id, 100, true, '2024-01-01', '2024-02-01' from engines`;
    await sql`
      insert into sensor_baselines (engine_id, condition, column_name, readings, mean, sd, sorted_values)
      select engines.id, condition::smallint, sensor, count(*), avg(value::real::float8),
        stddev_samp(value::real::float8), array_agg(value::real order by value::real)
      from json_array_elements(${json(fleet.engines)}::text::json) with ordinality as listed (engine, place)
      join engines on unit_number = 'GOLDEN_' || place
      cross join json_each(engine -> 'values') as sensors (sensor, conditions)
      cross join json_each(conditions) as condition (condition, values)
      cross join json_array_elements_text(values) as value
      group by engines.id, condition, sensor`;
    const found = await sql`
      select drift.* from fleet_drift(
        array(select id from engines where cohort = '0'), array(select id from engines where cohort = '1')) as drift`;
    assert.equal(found.length, Object.keys(fleet.expected).length);
    for (const row of found) {
      const sensor = fleet.expected[row.column_name];
      const at = (what: string) => `${row.column_name} ${what}`;
      assert.ok(Math.abs(row.ks_statistic - sensor.ks_statistic) <= 1e-9, at("D"));
      for (const what of ["icc", "reference_effective", "current_effective", "mean_shift"]) {
        assert.ok(
          Math.abs(row[what] - sensor[what]) <= 1e-6 * Math.max(1, sensor[what]),
          at(`${what} ${row[what]}`),
        );
      }
      assertNear(row.p_value, sensor.p_value, 0.03, at("p"));
      assertNear(row.q_value, sensor.q_value, 0.03, at("q"));
      assert.equal(row.verdict, sensor.q_value < 0.02 ? "drift" : "stable", row.column_name);
    }
    const verdicts = new Set(found.map(({ verdict }) => verdict));
    assert.deepEqual([...verdicts].sort(), ["drift", "stable"]);
  });
}

Deno.test("wear is what leaves the least over: no factor explains the shifts better", async () => {
  await using db = await testDatabase();
  for (const { shifts, signature, least } of golden.wear) {
    const [{ wear }] = await db.sql<{ wear: number }[]>`
      select wear_of(${shifts}::float8[], ${signature}::float8[]) as wear`;
    const rest = shifts.reduce((sum, shift, i) => sum + Math.abs(shift - wear * signature[i]), 0);
    assert.ok(rest <= least * (1 + 1e-12) + 1e-12, `wear ${wear} leaves ${rest}, the least is ${least}`);
  }
  const [row] = await db.sql`
    select
      wear_of('{}', '{}') as "no sensor", wear_of('{1,null}', '{0,2}') as "no sensor that wear moves",
      wear_of('{1,null,3}', '{2,5,0}') as "one sensor", wear_of('{1,2,30}', '{2,4,6}') as "one that drifts"`;
  assert.deepEqual({ ...row }, {
    "no sensor": null,
    "no sensor that wear moves": null,
    "one sensor": 0.5,
    "one that drifts": 0.5,
  });
});
