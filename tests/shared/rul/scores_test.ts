import assert from "node:assert/strict";
import { fitIntervals, intervalOf } from "../../../shared/rul/prediction_interval.ts";
import { coverage, phm08Score, rulErrors } from "../../../shared/rul/scores.ts";
import { Random } from "../../../shared/random.ts";
import { testDatabase } from "../../support/database.ts";
import { storeLives } from "../../support/lives.ts";
import { reading } from "../../support/readings.ts";

const near = (a: number, b: number) =>
  assert.ok(Math.abs(a - b) < 1e-12 * Math.max(1, Math.abs(b)), `${a} ${b}`);

/**
 * Thirteen cycles too early and ten too late cost e - 1 each, and no error nothing; 26 too early e² - 1, twenty too late
 * e² - 1 (Saxena et al. 2008, equation 9).
 */
const ACTUAL = [50, 50, 50, 50, 50];
const PREDICTED = [37, 60, 50, 24, 70];
const PHM08 = 2 * (Math.E - 1) + 2 * (Math.E ** 2 - 1);

Deno.test("errors are what they are by hand, and too late costs more than too early", () => {
  near(phm08Score(PREDICTED, ACTUAL), PHM08);
  assert.ok(phm08Score([60], [50]) > phm08Score([40], [50]));
  const { rmse, mae, bias, phm08, predictions } = rulErrors(PREDICTED, ACTUAL);
  near(rmse, Math.sqrt((169 + 100 + 676 + 400) / 5));
  near(mae, 69 / 5);
  near(bias, -9 / 5);
  near(phm08, PHM08);
  assert.equal(predictions, 5);
  assert.equal(rulErrors([3, 4], [3, 4]).rmse, 0);
  assert.ok(Number.isNaN(rulErrors([], []).rmse));
  // both ends belong to an interval
  assert.equal(coverage([1, 1, 1, 1], [2, 2, 2, 2], [1, 2, 0.99, 2.01]), 0.5);
});

Deno.test("the view prediction_accuracy sums up errors as the evaluation does", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  const life = {
    unitNumber: "LIFE_1",
    readings: [1, 2, 3, 4, 5].map((cycle) => reading({ engine_id: "LIFE_1", cycle })),
    conditions: [],
  };
  await storeLives(sql, [life], { dataset: null, subset: null });
  await sql`update engines set life_cycles = 200, rul_cap = 50`;
  for (const [i, predicted] of PREDICTED.entries()) {
    await sql`
      insert into rul_predictions (
        engine_id, cycle, predicted_rul, lower_bound, upper_bound, interval_level, model_name, model_version
      )
      select id, ${i + 1}::integer, ${predicted}::real, ${predicted - 10}::real, ${
      predicted + 10
    }::real, 0.8, 'm', '1'
      from engines`;
  }
  const [row] = await sql`select * from prediction_accuracy`;
  const { rmse, mae, bias, phm08 } = rulErrors(PREDICTED, ACTUAL);
  near(row.rmse, rmse);
  near(row.mae, mae);
  near(row.bias, bias);
  near(row.phm08, phm08);
  assert.equal(row.coverage, 2 / 5); // 60 - 10 and 50
  assert.deepEqual([row.model_name, Number(row.predictions), Number(row.engines)], ["m", 5, 1]);

  // an absurd prediction does not end the query, one after the end of the life is not judged
  await sql`update rul_predictions set predicted_rul = 1e30, upper_bound = 1e30 where cycle = 1`;
  await sql`update engines set life_cycles = 4`;
  const [absurd] = await sql`select predictions::integer, phm08 from prediction_accuracy`;
  assert.equal(absurd.predictions, 4);
  assert.ok(absurd.phm08 > 1e200);
  // an engine that has not failed is not judged at all
  await sql`update engines set status = 'active'`;
  assert.deepEqual([...await sql`select from prediction_errors`], []);
});

Deno.test("intervals hold what they are made to hold of truths they have not seen, and are narrow where errors are small", () => {
  const random = new Random(3);
  const draw = (count: number) => {
    const predicted = Float64Array.from({ length: count }, () => 125 * random.uniform());
    // errors grow with what is predicted, and are skewed
    const actual = predicted.map((value) => value + (1 + value / 10) * (Math.exp(random.normal() / 2) - 1));
    return { predicted, actual };
  };
  for (const level of [0.5, 0.8, 0.95]) {
    const known = draw(4000);
    const curve = fitIntervals(known.predicted, known.actual, level);
    const next = draw(20_000);
    const intervals = Array.from(next.predicted, (value) => intervalOf(curve, value, Infinity));
    const held = coverage(
      intervals.map(({ lower }) => lower),
      intervals.map(({ upper }) => upper),
      next.actual,
    );
    assert.ok(Math.abs(held - level) < 0.03, `${level}: ${held}`);
    const width = (value: number) => {
      const { lower, upper } = intervalOf(curve, value, Infinity);
      return upper - lower;
    };
    assert.ok(width(10) < width(60) && width(60) < width(115));
  }
});

Deno.test("an interval holds its prediction, and lies between 0 and the cap", () => {
  const curve = { at: [10, 20], below: [-30, 5], above: [-5, 200] };
  assert.deepEqual(intervalOf(curve, 0, 125), { lower: 0, upper: 0 });
  assert.deepEqual(intervalOf(curve, 15, 125), { lower: 2.5, upper: 112.5 });
  assert.deepEqual(intervalOf(curve, 20, 125), { lower: 20, upper: 125 });
  assert.deepEqual(intervalOf(curve, 125, 125), { lower: 125, upper: 125 });
  // of one residual both ends are that one
  const one = fitIntervals(Float64Array.of(10), Float64Array.of(12), 0.8);
  assert.deepEqual(intervalOf(one, 10, 125), { lower: 10, upper: 12 });
});
