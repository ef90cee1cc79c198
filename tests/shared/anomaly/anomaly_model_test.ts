/** The model of all detectors: thresholds, folds, storing, and operating conditions. */

import assert from "node:assert/strict";
import fc from "fast-check";
import {
  AnomalyModel,
  foldsByEngine,
  rowsWithout,
  thresholdFor,
  upperQuantile,
} from "../../../shared/anomaly/anomaly_model.ts";
import { type DetectorName, DETECTORS, LEAST_SENSORS } from "../../../shared/anomaly/detectors.ts";
import { Evaluation } from "../../../shared/anomaly/evaluate.ts";
import { type ReadingMatrix, selectRows, WIDTH } from "../../../shared/anomaly/reading_matrix.ts";
import { FAILING_CYCLES, HEALTHY_READINGS } from "../../../shared/anomaly/train.ts";
import { Random } from "../../../shared/random.ts";
import { SENSORS } from "../../../shared/sensors.ts";
import { Engine } from "../../../scripts/simulation/engine.ts";
import { baselineOf, matrixEngine, matrixOf, type MatrixRow } from "../../support/reading_matrix.ts";

/** Altitudes of the six conditions of C-MAPSS, in 1,000 ft. */
const ALTITUDES = [0, 10, 20, 25, 35, 42];

const BASELINE = 100;

/** Lives of simulated engines, and how many cycles each reading was away from failure. */
function simulatedLives(
  engines: number,
  conditions: 1 | 6,
  conditionOf: (altitude: number) => number,
): { readings: ReadingMatrix; remaining: number[] } {
  const rows: MatrixRow[] = [];
  const remaining: number[] = [];
  const of = Array.from({ length: engines }, (_, engine) => {
    const simulated = new Engine("SIM", 11, engine + 1, { conditions, faultMode: "hpc" });
    const life: MatrixRow[] = [];
    while (!simulated.failed) {
      const reading = simulated.fly("");
      const condition = conditionOf(reading.altitude!);
      life.push({
        engine,
        cycle: life.length + 1,
        condition,
        values: SENSORS.map((sensor) => reading[sensor]!),
      });
    }
    rows.push(...life);
    remaining.push(...life.map((_, i) => life.length - 1 - i));
    const first = life.slice(0, BASELINE);
    const flown = [...new Set(first.map(({ condition }) => condition!))];
    return matrixEngine(
      engine,
      new Map(flown.map((of) => [of, baselineOf(first.filter(({ condition }) => condition === of))])),
      BASELINE,
    );
  });
  return { readings: matrixOf(rows, of), remaining };
}

/** Trains on the first half of the engines, and judges the others. */
function judgeHalf({ readings, remaining }: ReturnType<typeof simulatedLives>) {
  const half = readings.engines.length / 2;
  const select = (choose: (row: number) => boolean) =>
    selectRows(readings, Array.from({ length: readings.rows }, (_, row) => row).filter(choose));
  const healthy = (row: number) => readings.cycles[row] <= HEALTHY_READINGS;
  const model = AnomalyModel.fit(select((row) => readings.engineOf[row] < half && healthy(row)), {
    seed: 42,
  });
  const unseen = (row: number) => readings.engineOf[row] >= half;
  const evaluation = new Evaluation();
  evaluation.add(model, {
    healthy: select((row) => unseen(row) && healthy(row)),
    failing: select((row) => unseen(row) && remaining[row] <= FAILING_CYCLES),
  });
  // after the baseline, so that all detectors score them, and long before wear shows
  const after = select((row) => unseen(row) && readings.cycles[row] > BASELINE && remaining[row] > 180);
  const share = (name: DetectorName, of: ReadingMatrix) =>
    model.detectors[name].scores(of).filter((score) => score > model.thresholds[name]).length / of.rows;
  return { evaluation: evaluation.result(model.thresholds), after, share };
}

Deno.test("engines that fly six conditions are judged within each of them", async (t) => {
  const nearest = (altitude: number) =>
    1 + ALTITUDES.findIndex((condition) => Math.abs(condition - altitude) < 1);
  const within = judgeHalf(simulatedLives(60, 6, nearest));
  // the control: the same readings, as if they had all been taken in one condition
  const across = judgeHalf(simulatedLives(60, 6, () => 1));
  // what is healthy at one altitude, measured at another
  const elsewhere = {
    ...within.after,
    conditions: within.after.conditions.map((condition) => condition % 6 + 1),
  };
  for (const name of DETECTORS) {
    const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
    const { rocAuc, recall } = within.evaluation[name];
    const found = `${name}: ROC AUC ${rocAuc!.toFixed(4)}, recall ${percent(recall!)}, of healthy readings ${
      percent(within.share(name, within.after))
    } are anomalies, and ${
      percent(within.share(name, elsewhere))
    } of those with the values of another condition (${
      percent(across.share(name, across.after))
    } when conditions are ignored)`;
    await t.step(found, () => {
      assert.ok(rocAuc! >= 0.97, found);
      assert.ok(within.share(name, within.after) < 0.02, found);
      assert.ok(within.share(name, elsewhere) > 0.99, found);
      assert.ok(across.share(name, across.after) < 0.1, found);
    });
  }
});

function healthyReadings(engines: number, each: number, seed = 1): ReadingMatrix {
  const random = new Random(seed);
  const lives = Array.from(
    { length: engines },
    (_, engine) =>
      Array.from({ length: each }, (_, i): MatrixRow => ({
        engine,
        cycle: i + 1,
        values: SENSORS.map((_, sensor) => 100 * sensor + random.normal()),
      })),
  );
  const of = lives.map((life, i) => matrixEngine(i, new Map([[1, baselineOf(life)]]), each));
  return matrixOf(lives.flat(), of);
}

Deno.test("the same seed gives the same model; stored as JSON it says the same of every reading", () => {
  const healthy = healthyReadings(8, 40);
  const model = AnomalyModel.fit(healthy, { seed: 7 });
  assert.deepEqual(AnomalyModel.fit(healthy, { seed: 7 }).toContent(), model.toContent());
  assert.notDeepEqual(
    AnomalyModel.fit(healthy, { seed: 8 }).toContent().isolation_forest,
    model.toContent().isolation_forest,
  );
  const restored = AnomalyModel.fromContent(JSON.parse(JSON.stringify(model.toContent())));
  assert.deepEqual(restored.thresholds, model.thresholds);
  const others = healthyReadings(3, 10, 2);
  for (const name of DETECTORS) {
    assert.deepEqual(restored.detectors[name].scores(others), model.detectors[name].scores(others));
    assert.deepEqual(
      restored.detectors[name].contributions(others, 4),
      model.detectors[name].contributions(others, 4),
    );
  }
  assert.throws(() => AnomalyModel.fromContent({ ...model.toContent(), thresholds: {} }), {
    name: "ZodError",
  });
});

Deno.test("every detector names the sensor that is off, and says nothing of one that is missing", () => {
  const model = AnomalyModel.fit(healthyReadings(8, 60), { seed: 7 });
  const [engine] = healthyReadings(1, 60, 3).engines;
  const values = SENSORS.map((_, sensor): number | null => 100 * sensor + 0.1);
  for (let off = 0; off < WIDTH; off++) {
    const given = values.with(off, values[off]! + 8).with((off + 1) % WIDTH, null);
    const readings = matrixOf([{ cycle: 61, values: given }], [engine]);
    for (const name of DETECTORS) {
      const contributions = [...model.detectors[name].contributions(readings, 0)];
      assert.ok(Number.isNaN(contributions[(off + 1) % WIDTH]), name);
      const most = Math.max(...contributions.filter((value) => !Number.isNaN(value)));
      assert.equal(contributions.indexOf(most), off, name);
    }
  }
});

Deno.test("missing sensors are at the healthy mean for the forest, and too few of them say nothing", () => {
  const healthy = healthyReadings(8, 60);
  const { isolation_forest } = AnomalyModel.fit(healthy, { seed: 7 }).detectors;
  const mean = SENSORS.map((_, sensor) => {
    let sum = 0;
    for (let row = 0; row < healthy.rows; row++) sum += healthy.values[row * WIDTH + sensor];
    return sum / healthy.rows;
  });
  const values = SENSORS.map((_, sensor) => 100 * sensor + 3);
  const lacking = (count: number) => values.map((value, i) => i < count ? null : value);
  const scores = isolation_forest.scores(matrixOf([
    { values: lacking(3) },
    { values: values.map((value, i) => i < 3 ? mean[i] : value) },
    { values: lacking(LEAST_SENSORS) },
    { values: lacking(LEAST_SENSORS + 1) },
    { values, condition: 2 },
  ]));
  assert.equal(scores[0], scores[1]);
  assert.deepEqual([...scores].map(Number.isNaN), [false, false, false, true, true]);
});

Deno.test("no engine is on both sides of a fold, and every reading is held out once", () => {
  fc.assert(fc.property(
    fc.array(fc.nat({ max: 9 }), { minLength: 2, maxLength: 80 }).filter((of) => new Set(of).size > 1),
    fc.nat(),
    (engineOf, seed) => {
      const readings = matrixOf(engineOf.map((engine) => ({ engine, values: Array(WIDTH).fill(0) })));
      const folds = foldsByEngine(readings, seed);
      assert.equal(folds.length, Math.min(5, new Set(engineOf).size));
      assert.deepEqual(folds.flat().toSorted((a, b) => a - b), engineOf.map((_, row) => row));
      folds.forEach((rows, fold) => {
        const known = new Set(rowsWithout(folds, fold).map((row) => engineOf[row]));
        assert.ok(rows.length > 0 && rows.every((row) => !known.has(engineOf[row])));
        assert.equal(rowsWithout(folds, fold).length, engineOf.length - rows.length);
      });
    },
  ));
  const one = matrixOf([{ values: Array(WIDTH).fill(0) }, { values: Array(WIDTH).fill(1) }]);
  assert.throws(() => foldsByEngine(one, 1), {
    message: "Cannot hold engines out as there must be at least 2: current value is 1",
  });
});

Deno.test("a threshold keeps to its rate of false alarms on readings that come later", () => {
  const random = new Random(9);
  const draw = (count: number) => Float64Array.from({ length: count }, () => random.normal());
  for (const rate of [0.001, 0.01, 0.1]) {
    let above = 0;
    for (let round = 0; round < 50; round++) {
      const threshold = thresholdFor(draw(3000), rate);
      above += draw(3000).filter((score) => score > threshold).length / 150_000;
    }
    assert.ok(above > 0.7 * rate && above < 1.1 * rate, `${rate}: ${above}`);
  }
  assert.equal(thresholdFor(Float64Array.of(3, NaN, 1, 2), 0.001), 3);
  assert.equal(thresholdFor(Float64Array.of(4, 3, 1, 2), 0.4), 3);
  assert.equal(thresholdFor(Float64Array.of(NaN), 0.001), Infinity);
});

Deno.test("a rate, and a contamination in its place, move every threshold", () => {
  const healthy = healthyReadings(10, 100);
  const fit = (options: object) => AnomalyModel.fit(healthy, { seed: 1, ...options });
  const strict = fit({ falseAlarmRate: 0.005 });
  const lax = fit({ falseAlarmRate: 0.05 });
  const contaminated = fit({ contamination: 0.1 });
  for (const name of DETECTORS) {
    assert.ok(strict.thresholds[name] > lax.thresholds[name], name);
    const scores = contaminated.scoresOfHealthy(name, healthy);
    assert.equal(contaminated.thresholds[name], upperQuantile(scores, 0.1));
    assert.equal(scores.filter((score) => score > contaminated.thresholds[name]).length, 100, name);
  }
  assert.equal(upperQuantile(Float64Array.of(NaN), 0.1), Infinity);
});

Deno.test("a detector without anything to calibrate it by finds nothing, also after being stored", () => {
  const { engines, ...readings } = healthyReadings(6, 40);
  const model = AnomalyModel.fit({
    ...readings,
    engines: engines.map((engine) => ({ ...engine, baselines: new Map() })),
  }, { seed: 1 });
  assert.equal(model.thresholds.mean_abs_z, Infinity);
  const restored = AnomalyModel.fromContent(JSON.parse(JSON.stringify(model.toContent())));
  assert.deepEqual(restored.thresholds, model.thresholds);
});
